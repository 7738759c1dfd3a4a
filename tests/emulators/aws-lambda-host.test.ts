import assert from 'node:assert/strict';
import type { GoldenExchange } from '../contract/golden-host';
import { goldenRequests } from '../contract/golden-requests';
import { hostContract } from '../contract/host.contract';
import { describeOver } from '../support/given-servers';
import { KnativeLake } from '../support/knative-lake';
import { volumeHome } from '../support/volume-home';
import { awsHome } from './aws-home';
import { LambdaLake } from './lambda-lake';

/** What a host declares of itself and may differ: a gateway takes shorter bodies. */
const withoutItsLimit = ({ headers, body, ...rest }: GoldenExchange): GoldenExchange => ({
  ...rest,
  headers,
  body: body
    .replaceAll(/Bodies up to \d+ bytes/g, 'Bodies up to <limit> bytes')
    .replaceAll(/67108864|4194304/g, '<limit>'),
});

describeOver('the Lambda host', ['aws', 'postgres'], (servers) => {
  const volume = hostContract('the Knative host on one volume', async () => KnativeLake.start(await volumeHome()));
  const lambda = hostContract('the Lambda host on S3, KMS, SNS, SQS and PostgreSQL', async () =>
    LambdaLake.start(await awsHome(servers)),
  );

  describe('the Lambda host gives the same answers, bodies and side effects', () => {
    const answer = (run: ReturnType<typeof volume.run>, name: string) =>
      run.exchanges.find((exchange) => exchange.name === name)!;
    for (const { name } of goldenRequests) {
      it(name, () => {
        assert.deepEqual(withoutItsLimit(answer(lambda.run(), name)), withoutItsLimit(answer(volume.run(), name)));
      });
    }
    it('and leaves the same behind', () => assert.deepEqual(lambda.run().effects, volume.run().effects));
    it('states what its gateway takes', () => {
      assert.match(answer(lambda.run(), 'metadata').body, /Bodies up to 4194304 bytes/);
    });
  });
});

import assert from 'node:assert/strict';
import { goldenRequests } from '../contract/golden-requests';
import { hostContract } from '../contract/host.contract';
import { KnativeLake } from '../support/knative-lake';
import { volumeHome } from '../support/volume-home';
import { serverHome } from './server-home';

const [s3] = (process.env.LAKE_CONTRACT_S3 ?? '').split(',').filter((url) => url !== '');
const postgres = process.env.LAKE_CONTRACT_POSTGRES;
const openbao = process.env.LAKE_CONTRACT_OPENBAO;

if (s3 === undefined || postgres === undefined || openbao === undefined) {
  describe('the Knative host on S3, PostgreSQL and OpenBao', () => {
    it('is not run: set LAKE_CONTRACT_S3, LAKE_CONTRACT_POSTGRES and LAKE_CONTRACT_OPENBAO to the URLs of servers', function () {
      this.skip();
    });
  });
} else {
  const volume = hostContract('the Knative host on one volume', async () => KnativeLake.start(await volumeHome()));
  const servers = hostContract(
    'the Knative host on S3, PostgreSQL and OpenBao, each function under its own role',
    async () => KnativeLake.start(await serverHome(new URL(s3), new URL(postgres), new URL(openbao))),
  );

  describe('every home gives the same answers, bodies and side effects', () => {
    for (const { name } of goldenRequests) {
      it(name, () => {
        const answer = (run: ReturnType<typeof volume.run>) => run.exchanges.find((one) => one.name === name);
        assert.deepEqual(answer(servers.run()), answer(volume.run()));
      });
    }
    it('and leaves the same behind', () => assert.deepEqual(servers.run().effects, volume.run().effects));
  });
}

import assert from 'node:assert/strict';
import { goldenRequests } from '../contract/golden-requests';
import { hostContract } from '../contract/host.contract';
import { describeOver } from '../support/given-servers';
import { KnativeLake } from '../support/knative-lake';
import { volumeHome } from '../support/volume-home';
import { homeServers, serverHome } from './server-home';

describeOver('the Knative host on S3, PostgreSQL and OpenBao', homeServers, (given) => {
  const volume = hostContract('the Knative host on one volume', async () => KnativeLake.start(await volumeHome()));
  const servers = hostContract(
    'the Knative host on S3, PostgreSQL and OpenBao, each function under its own role',
    async () => KnativeLake.start(await serverHome(given)),
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
});

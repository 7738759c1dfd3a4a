import { describeOver } from '../support/given-servers';
import { KnativeLake } from '../support/knative-lake';
import { keycloakHome, siteServers } from './keycloak-home';
import { killSenders, losesNothingByKills } from './kills';

describeOver(
  'Processes that die on an S3-compatible store, PostgreSQL, OpenBao and Keycloak',
  siteServers,
  function (servers) {
    this.timeout(600_000);

    it('lose nothing that was acknowledged and store nothing twice', async () => {
      const lake = await KnativeLake.start(await keycloakHome(servers, killSenders));
      try {
        await losesNothingByKills(lake, { unanswered: [undefined, 503] });
      } finally {
        await lake.stop();
      }
    });
  },
);

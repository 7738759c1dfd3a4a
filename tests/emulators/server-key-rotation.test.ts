import { operatorAccount } from '../../functions/operator/manifest';
import { KnativeLake } from '../support/knative-lake';
import { askFunction } from './ask-function';
import { describeKeyRotation } from './key-rotation-trial';
import { homeServers, serverHome } from './server-home';

const mortal = { mortal: 'mortal-function', bundle: 'knative' };

describeKeyRotation('a rotation of the pseudonym key off one machine', homeServers, mortal, async (servers) => {
  const home = await serverHome(servers);
  const lake = await KnativeLake.start(home);
  const askAs = (account: string, name: string, request: object) => askFunction({ home, lake }, account, name, request);
  return {
    home,
    lake,
    pace: 1500,
    askAs,
    ask: (desk, method, input) => askAs(operatorAccount('ann'), desk, { method, input }),
    passing: (work) => work,
  };
});

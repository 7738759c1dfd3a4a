import { resultOf } from '../../adapters/shared/request-answer';
import { awsHome } from './aws-home';
import { describeKeyRotation } from './key-rotation-trial';
import { LambdaLake } from './lambda-lake';

const mortal = { mortal: 'mortal-lambda', bundle: 'aws-lambda/key-rotation/index' };

describeKeyRotation('a rotation of the pseudonym key on Lambda', ['aws', 'postgres'], mortal, async (servers) => {
  const home = await awsHome(servers);
  const lake = await LambdaLake.start(home);
  return {
    home,
    lake,
    // The emulator's KMS takes a second to open one original.
    pace: 8000,
    ask: (desk, method, input) => lake.ask('ann', desk, method, input),
    askAs: async (caller, name, request) => resultOf(await lake.invoke(name, { request }, caller)),
    passing: (work) => lake.whileBeating(work, 'key-rotation', 'marts', 'erasure'),
  };
});

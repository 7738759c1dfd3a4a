import { setTimeout } from 'node:timers/promises';
import { describeOver } from '../support/given-servers';
import { awsHome } from './aws-home';
import { losesNothingByKills } from './kills';
import { LambdaLake } from './lambda-lake';

describeOver('instances on Lambda that die', ['aws', 'postgres'], function (servers) {
  this.timeout(600_000);

  it('lose nothing that was acknowledged and store nothing twice', async () => {
    const lake = await LambdaLake.start(await awsHome(servers));
    const taking = (name: string) => async (isOver: () => boolean) => {
      while (!isOver()) if ((await lake.take(name)) === 0) await setTimeout(50);
    };
    try {
      await losesNothingByKills(lake, { unanswered: [502, 503], beside: [taking('identity'), taking('curate')] });
    } finally {
      await lake.stop();
    }
  });
});

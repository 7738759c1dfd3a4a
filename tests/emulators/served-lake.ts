import { GoldenSender } from '../contract/golden-sender';
import type { GivenServers } from '../support/given-servers';
import { KnativeLake } from '../support/knative-lake';
import { type homeServers, type ServerHome, serverHome } from './server-home';

export interface ServedLake {
  readonly home: ServerHome;
  readonly lake: KnativeLake;
  /** May create and update anything. */
  readonly sender: GoldenSender;
}

/** A lake on servers, each function a process of its own, and one provider that sends to it. */
export async function servedLake(
  servers: GivenServers<(typeof homeServers)[number]>,
  environment: Readonly<Record<string, string>> = {},
): Promise<ServedLake> {
  const home = await serverHome(servers);
  Object.assign(home.environment, environment);
  const lake = await KnativeLake.start(home);
  return { home, lake, sender: new GoldenSender(lake, await lake.register('A81001', ['system/*.cu'])) };
}

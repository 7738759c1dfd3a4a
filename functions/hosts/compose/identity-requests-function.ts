import { systemClock } from '../../../adapters/ports/clock';
import { IdentityRequests, identityRequestOf } from '../../identity/identity-requests';
import { identityRequestsManifest } from '../../identity/manifest';
import { ProjectKeys } from '../../identity/project-keys';
import type { PortsOf } from '../../manifest';
import type { FunctionParts } from '../function-parts';

/** What other functions may ask of the identity zone, over the ports of a host. */
export function identityRequestsFunction(ports: Omit<PortsOf<typeof identityRequestsManifest>, 'callers'>) {
  const { identityKey, register, lookup, optOuts, projects } = ports;
  const projectKeys = new ProjectKeys({ projects, key: identityKey });
  return new IdentityRequests({ lookup, projects: projectKeys, optOuts, register, clock: systemClock });
}

/** The same as it answers other processes. Nobody is refused by the same code, with a record. */
export function identityRequestsAnswers(parts: FunctionParts) {
  const { callers, ...ports } = parts.ports(identityRequestsManifest);
  const requests = identityRequestsFunction(ports);
  const answer = (caller = 'unknown', request: unknown) => requests.ask(caller, identityRequestOf(request));
  return { callers, answer };
}

import { systemClock } from '../../../adapters/ports/clock';
import { IdentityRequests } from '../../identity/identity-requests';
import type { identityRequestsManifest } from '../../identity/manifest';
import { ProjectKeys } from '../../identity/project-keys';
import type { PortsOf } from '../../manifest';

/** What other functions may ask of the identity zone, over the ports of a host. */
export function identityRequestsFunction(ports: Omit<PortsOf<typeof identityRequestsManifest>, 'callers'>) {
  const { identityKey, register, lookup, optOuts, projects } = ports;
  const projectKeys = new ProjectKeys({ projects, key: identityKey, lookup });
  const requests = new IdentityRequests({ lookup, projects: projectKeys, optOuts, register, clock: systemClock });
  return { requests, projectKeys };
}

import type { MessageHeader, Organization } from 'fhir/r4';
import type { BundleDraft } from './bundle-draft';
import type { SimulatedProvider } from './providers';
import type { Random } from './random';
import { organizationResource } from './staff';
import { concept, odsSystem, term, ukCoreProfile } from './terms';

const events = 'https://fhir.nhs.uk/CodeSystem/message-events-bars';
const reasons = 'https://fhir.nhs.uk/CodeSystem/message-reason-bars';

/** Opens a message as the Booking and Referral Standard has it: who sends, to whom, new or an update, what it is about. */
export function openMessage(
  bundle: BundleDraft,
  sender: SimulatedProvider,
  receiver: SimulatedProvider | undefined,
  reason: 'new' | 'update',
  focus: readonly string[],
  random: Random,
): void {
  const organization: Organization & { id: string } = { ...organizationResource(sender), id: random.uuid() };
  const header: MessageHeader & { id: string } = {
    resourceType: 'MessageHeader',
    id: random.uuid(),
    meta: { profile: [ukCoreProfile('MessageHeader')] },
    eventCoding: { system: events, code: 'servicerequest-request', display: 'Service Request - Request' },
    ...(receiver === undefined
      ? {}
      : {
          destination: [
            {
              endpoint: `https://${receiver.ods.toLowerCase()}.example/FHIR/R4/$process-message`,
              receiver: {
                type: 'Organization',
                identifier: { system: odsSystem, value: receiver.ods },
                display: receiver.name,
              },
            },
          ],
        }),
    sender: { reference: `urn:uuid:${organization.id}`, identifier: { system: odsSystem, value: sender.ods } },
    source: { name: `${sender.name} referral system`, endpoint: `https://${sender.ods.toLowerCase()}.example/` },
    reason: concept(term(reasons, reason, reason === 'new' ? 'New' : 'Update')),
    focus: focus.map((id) => ({ reference: `urn:uuid:${id}` })),
  };
  bundle.carry(header);
  bundle.carry(organization);
}

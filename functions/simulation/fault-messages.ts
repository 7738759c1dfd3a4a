import { exchangeFaults } from './exchange-faults';
import { type Fault, FaultMaterial } from './fault-material';
import { identityFaults } from './identity-faults';
import { day, type LondonTime } from './london-time';
import { urgentCallService } from './providers';
import { resourceFaults } from './resource-faults';
import type { MessageDraft } from './simulated-message';
import type { SimulatedPerson } from './simulated-person';

/** Every way to send something wrong that the simulation knows. */
export const simulatedFaults: readonly Fault[] = [...identityFaults, ...resourceFaults, ...exchangeFaults];

/** One message of each kind of fault, each about a person of its own. */
export function* faultMessages(nextPerson: () => SimulatedPerson, end: LondonTime): Generator<MessageDraft> {
  for (const fault of simulatedFaults) {
    const person = nextPerson();
    const at = Math.min(end, person.died ?? end) - person.random.whole(1, 60) * day;
    const material = new FaultMaterial(person, Math.max(at, person.born + day));
    const provider = fault.sender === 'nhs-111' ? urgentCallService : material.practice;
    const { kind, body, resources, expectations } = fault.make(material);
    yield { provider, kind, what: 'record', at, body, resources, expectations };
  }
}

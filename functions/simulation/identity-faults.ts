import { entries, type Fault, inMessage, inTransaction, messageEntries, patientIn } from './fault-material';
import { ambulanceService } from './providers';
import { nhsNumberSystem, odsSystem, retiredNhsNumberSystem } from './terms';

const { patient } = entries;

/** Changes the NHS number of the Patient in a transaction. */
const number = (name: string, expected: 'accepted' | 'quarantined', change: (value: string) => string): Fault =>
  inTransaction(name, expected, patient, (bundle) => {
    const identifier = patientIn(bundle, patient).identifier?.find(({ system }) => system === nhsNumberSystem);
    if (identifier?.value !== undefined) identifier.value = change(identifier.value);
  });

/** Who it is about and who sends it. Numbers that are not well formed meet the policy in `simulatedProviders`. */
export const identityFaults: readonly Fault[] = [
  number('nhs-number-check-digit', 'quarantined', (value) => value.slice(0, 9) + String((Number(value[9]) + 1) % 10)),
  number('nhs-number-nine-digits', 'quarantined', (value) => value.slice(0, 9)),
  number('nhs-number-letters', 'quarantined', (value) => `NHS${value.slice(3)}`),
  number('nhs-number-spaced', 'accepted', (value) => `${value.slice(0, 3)} ${value.slice(3, 6)} ${value.slice(6)}`),
  inTransaction('nhs-number-retired-system', 'accepted', patient, (bundle) => {
    const identifier = patientIn(bundle, patient).identifier?.find(({ system }) => system === nhsNumberSystem);
    if (identifier !== undefined) identifier.system = retiredNhsNumberSystem;
  }),
  inTransaction('patient-without-identity', 'accepted', patient, (bundle) => {
    const { identifier } = patientIn(bundle, patient);
    // The local id stays: the condition of the entry names it.
    patientIn(bundle, patient).identifier = identifier?.slice(0, 1) ?? [];
  }),
  inMessage('sender-is-another-organisation', 'refused', messageEntries.header, (bundle) => {
    const [header, organization] = bundle.entry.map(({ resource }) => resource);
    const identifier = { system: odsSystem, value: ambulanceService.ods };
    if (header?.resourceType === 'MessageHeader' && header.sender !== undefined) header.sender.identifier = identifier;
    if (organization?.resourceType === 'Organization') organization.identifier = [identifier];
  }),
];

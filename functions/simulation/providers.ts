import type { Area } from './areas';

export type ProviderKind = 'general-practice' | 'acute-hospital' | 'nhs-111' | 'ambulance' | 'mental-health';

/** An organisation that sends. The ODS codes have the right form and belong to nobody: no organisation's code begins so. */
export interface SimulatedProvider {
  readonly ods: string;
  readonly name: string;
  readonly kind: ProviderKind;
  /** What the answer key expects to be done with NHS numbers of this provider that are not well formed. */
  readonly nhsNumberPolicy: 'reject' | 'quarantine' | 'flag';
}

interface Practice extends SimulatedProvider {
  readonly kind: 'general-practice';
  readonly authority: Area['authority'];
}

const common = { nhsNumberPolicy: 'quarantine' } as const;
const practice = (ods: string, name: string, authority: Area['authority']): Practice => ({
  ods,
  name: `${name} (synthetic)`,
  kind: 'general-practice',
  authority,
  ...common,
});

export const practices: readonly Practice[] = [
  practice('Z99001', 'Harbourside Surgery', 'Bristol'),
  practice('Z99002', 'Easton Vale Medical Centre', 'Bristol'),
  practice('Z99003', 'Hengrove Park Surgery', 'Bristol'),
  practice('Z99004', 'Frome Valley Practice', 'South Gloucestershire'),
  practice('Z99005', 'Severn Side Health Centre', 'South Gloucestershire'),
  practice('Z99006', 'Mendip View Surgery', 'North Somerset'),
  practice('Z99007', 'Weston Bay Medical Group', 'North Somerset'),
];

export const southHospital: SimulatedProvider = {
  ods: 'ZT1',
  name: 'Avon South University Hospitals (synthetic)',
  kind: 'acute-hospital',
  ...common,
};
export const northHospital: SimulatedProvider = {
  ods: 'ZT2',
  name: 'Avon North Hospital Trust (synthetic)',
  kind: 'acute-hospital',
  ...common,
};
export const urgentCallService: SimulatedProvider = {
  ods: 'ZN1',
  name: 'Severn NHS 111 Service (synthetic)',
  kind: 'nhs-111',
  ...common,
};
export const ambulanceService: SimulatedProvider = {
  ods: 'ZA1',
  name: 'West Country Ambulance Service (synthetic)',
  kind: 'ambulance',
  ...common,
};
export const mentalHealthTrust: SimulatedProvider = {
  ods: 'ZM1',
  name: 'Avon Mental Health Partnership (synthetic)',
  kind: 'mental-health',
  ...common,
};

export const simulatedProviders: readonly SimulatedProvider[] = [
  ...practices.map(({ ods, name, kind, nhsNumberPolicy }) => ({ ods, name, kind, nhsNumberPolicy })),
  southHospital,
  northHospital,
  urgentCallService,
  ambulanceService,
  mentalHealthTrust,
];

/** Practices that take patients of an area. */
export const practicesOf = (area: Area): readonly SimulatedProvider[] =>
  practices.filter(({ authority }) => authority === area.authority);

/** The emergency department an area's patients mostly come to. */
export const hospitalOf = ({ authority, outward }: Area): SimulatedProvider =>
  authority === 'South Gloucestershire' || outward === 'BS7' || outward === 'BS10' ? northHospital : southHospital;

/** The base of a provider's own identifier systems and extensions; `.example` names resolve to nobody (RFC 2606). */
export const systemOf = ({ ods }: SimulatedProvider, name: string): string =>
  `https://${ods.toLowerCase()}.example/Id/${name}`;

/** Site of a provider, in the form of an ODS site code. */
export const siteOf = ({ ods }: SimulatedProvider): string => `${ods}01`.slice(0, 5);

/** The made-up part of Bristol, North Somerset and South Gloucestershire: organisations that do not exist, areas that do. */
export type ProviderKind = 'gp' | 'hospital' | '111' | 'ambulance' | 'mental-health';

export interface SimulatedProvider {
  readonly ods: string;
  readonly name: string;
  readonly kind: ProviderKind;
}

export const simulatedProviders: readonly SimulatedProvider[] = [
  { ods: 'L99001', name: 'Harbourside Simulated Practice', kind: 'gp' },
  { ods: 'L99002', name: 'Clifton Simulated Practice', kind: 'gp' },
  { ods: 'L99003', name: 'Severn Vale Simulated Practice', kind: 'gp' },
  { ods: 'RX901', name: 'Avon Simulated Hospital', kind: 'hospital' },
  { ods: 'RX902', name: 'Mendip Simulated Hospital', kind: 'hospital' },
  { ods: 'YX911', name: 'Simulated NHS 111', kind: '111' },
  { ods: 'RX999', name: 'Simulated Ambulance Service', kind: 'ambulance' },
  { ods: 'RX950', name: 'Simulated Mental Health Trust', kind: 'mental-health' },
];

/** Outward postcodes with the share of people. */
export const areas: readonly (readonly [outward: string, weight: number])[] = [
  ['BS1', 4], ['BS2', 5], ['BS3', 9], ['BS4', 8], ['BS5', 10], ['BS6', 6], ['BS7', 8], ['BS8', 6], ['BS9', 5], ['BS10', 5],
  ['BS13', 4], ['BS14', 4], ['BS15', 6], ['BS16', 9], ['BS20', 3], ['BS21', 3], ['BS22', 4], ['BS23', 5], ['BS30', 3], ['BS34', 5], ['BS35', 3], ['BS37', 4], ['BS48', 3],
];

export const families = ['Ashdown', 'Bakare', 'Chaudhry', 'Davies', 'Evans', 'Farrow', 'Green', 'Hussain', 'Iqbal', 'Jarvis', 'Kowalska', 'Lewis', 'Mensah', 'Nowak', 'Okafor', 'Patel', 'Quinn', 'Rossi', 'Singh', 'Taylor', 'Underhill', 'Vaughan', 'Williams', 'Young'];
export const given = {
  female: ['Amina', 'Beth', 'Carys', 'Dorota', 'Elena', 'Fatima', 'Grace', 'Hannah', 'Isla', 'Jasmin', 'Keira', 'Lucy', 'Maya', 'Nadia', 'Olive', 'Priya'],
  male: ['Adam', 'Ben', 'Callum', 'Dev', 'Elijah', 'Farid', 'George', 'Harri', 'Imran', 'Jakub', 'Kofi', 'Liam', 'Mo', 'Noah', 'Omar', 'Piotr'],
};
export const streets = ['Station Road', 'Church Lane', 'Gloucester Road', 'Park Street', 'Queen Square', 'Victoria Avenue', 'Mill Lane', 'High Street'];

/** UK Core ethnic categories with rough shares. */
export const ethnicities: readonly (readonly [code: string, weight: number])[] = [['A', 78], ['C', 5], ['H', 3], ['J', 3], ['M', 2], ['N', 3], ['P', 1], ['Z', 5]];

export interface LongTermCondition {
  readonly code: string;
  readonly display: string;
  /** Probability at 20 and at 80 years; between them in a straight line. */
  readonly at20: number;
  readonly at80: number;
  readonly medicine: readonly [code: string, display: string];
}

/** SNOMED CT; medicines as SNOMED substances. */
export const conditions: readonly LongTermCondition[] = [
  { code: '195967001', display: 'Asthma', at20: 0.13, at80: 0.1, medicine: ['372897005', 'Salbutamol'] },
  { code: '13645005', display: 'Chronic obstructive lung disease', at20: 0, at80: 0.14, medicine: ['409137002', 'Tiotropium'] },
  { code: '38341003', display: 'Hypertensive disorder', at20: 0.01, at80: 0.6, medicine: ['386864001', 'Amlodipine'] },
  { code: '44054006', display: 'Type 2 diabetes mellitus', at20: 0.003, at80: 0.2, medicine: ['372567009', 'Metformin'] },
  { code: '35489007', display: 'Depressive disorder', at20: 0.12, at80: 0.08, medicine: ['372594008', 'Sertraline'] },
];

/** Why people call 111, ring 999 or come to an emergency department. */
export const complaints: readonly (readonly [code: string, display: string])[] = [
  ['29857009', 'Chest pain'],
  ['267036007', 'Dyspnea'],
  ['21522001', 'Abdominal pain'],
  ['217082002', 'Accidental fall'],
  ['386661006', 'Fever'],
  ['25064002', 'Headache'],
];

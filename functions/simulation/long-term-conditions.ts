import { type Medicine, medicines } from './medicines';
import { snomed, type Term, term } from './terms';

export type ConditionName =
  | 'asthma'
  | 'copd'
  | 'bronchiectasis'
  | 'cysticFibrosis'
  | 'pulmonaryFibrosis'
  | 'hypertension'
  | 'diabetes'
  | 'atrialFibrillation'
  | 'heartFailure'
  | 'depression'
  | 'anxiety'
  | 'schizophrenia'
  | 'bipolar';

export interface LongTermCondition {
  readonly name: ConditionName;
  readonly term: Term;
  /** Share of people who have it by the age reached at the end, as [from age, share] in rising age. */
  readonly prevalence: readonly (readonly [age: number, share: number])[];
  /** Age it begins at: least and most. */
  readonly onset: readonly [number, number];
  /** How many times as common among people who smoke or smoked. */
  readonly smokers: number;
  readonly repeats: readonly Medicine[];
  readonly fluEligible: boolean;
  readonly respiratory: boolean;
  readonly severe: boolean;
}

const sct = (code: string, display: string): Term => term(snomed, code, display);
const plain = { smokers: 1, fluEligible: false, respiratory: false, severe: false } as const;

/** Shares near those of English disease registers (QOF 2023/24), rounded; enough for tables that look like a population. */
export const longTermConditions: readonly LongTermCondition[] = [
  {
    ...plain,
    name: 'asthma',
    term: sct('195967001', 'Asthma'),
    prevalence: [
      [5, 0.07],
      [15, 0.09],
      [65, 0.08],
    ],
    onset: [4, 45],
    repeats: [medicines.salbutamol, medicines.beclometasone],
    fluEligible: true,
    respiratory: true,
  },
  {
    ...plain,
    name: 'copd',
    term: sct('13645005', 'Chronic obstructive lung disease'),
    prevalence: [
      [45, 0.015],
      [60, 0.04],
      [75, 0.06],
    ],
    onset: [42, 78],
    smokers: 4,
    repeats: [medicines.salbutamol, medicines.salmeterol],
    fluEligible: true,
    respiratory: true,
    severe: true,
  },
  {
    ...plain,
    name: 'bronchiectasis',
    term: sct('12295008', 'Bronchiectasis'),
    prevalence: [
      [40, 0.004],
      [65, 0.012],
    ],
    onset: [35, 75],
    repeats: [medicines.salbutamol],
    fluEligible: true,
    respiratory: true,
  },
  {
    ...plain,
    name: 'cysticFibrosis',
    term: sct('190905008', 'Cystic fibrosis'),
    prevalence: [[0, 0.0004]],
    onset: [0, 1],
    repeats: [medicines.salbutamol],
    fluEligible: true,
    respiratory: true,
    severe: true,
  },
  {
    ...plain,
    name: 'pulmonaryFibrosis',
    term: sct('700250006', 'Idiopathic pulmonary fibrosis'),
    prevalence: [
      [55, 0.0005],
      [70, 0.002],
    ],
    onset: [52, 80],
    smokers: 2,
    repeats: [],
    fluEligible: true,
    respiratory: true,
    severe: true,
  },
  {
    ...plain,
    name: 'hypertension',
    term: sct('38341003', 'Hypertension'),
    prevalence: [
      [35, 0.04],
      [45, 0.14],
      [60, 0.32],
      [75, 0.5],
    ],
    onset: [35, 75],
    repeats: [medicines.amlodipine],
  },
  {
    ...plain,
    name: 'diabetes',
    term: sct('44054006', 'Diabetes mellitus type 2'),
    prevalence: [
      [30, 0.015],
      [45, 0.07],
      [60, 0.14],
      [75, 0.18],
    ],
    onset: [30, 72],
    repeats: [medicines.metformin, medicines.atorvastatin],
    fluEligible: true,
  },
  {
    ...plain,
    name: 'atrialFibrillation',
    term: sct('49436004', 'Atrial fibrillation'),
    prevalence: [
      [55, 0.015],
      [70, 0.06],
      [80, 0.12],
    ],
    onset: [52, 84],
    repeats: [],
    fluEligible: true,
  },
  {
    ...plain,
    name: 'heartFailure',
    term: sct('84114007', 'Heart failure'),
    prevalence: [
      [60, 0.01],
      [75, 0.05],
    ],
    onset: [58, 84],
    smokers: 1.6,
    repeats: [medicines.atorvastatin],
    fluEligible: true,
    severe: true,
  },
  {
    ...plain,
    name: 'depression',
    term: sct('35489007', 'Depressive disorder'),
    prevalence: [
      [15, 0.06],
      [25, 0.14],
      [65, 0.1],
    ],
    onset: [14, 60],
    repeats: [medicines.sertraline],
  },
  {
    ...plain,
    name: 'anxiety',
    term: sct('197480006', 'Anxiety disorder'),
    prevalence: [
      [12, 0.05],
      [25, 0.09],
      [65, 0.06],
    ],
    onset: [10, 55],
    repeats: [],
  },
  {
    ...plain,
    name: 'schizophrenia',
    term: sct('58214004', 'Schizophrenia'),
    prevalence: [[18, 0.007]],
    onset: [17, 35],
    smokers: 2,
    repeats: [],
  },
  {
    ...plain,
    name: 'bipolar',
    term: sct('13746004', 'Bipolar disorder'),
    prevalence: [[18, 0.006]],
    onset: [17, 40],
    repeats: [medicines.sertraline],
  },
];

const mentalHealth: ReadonlySet<ConditionName> = new Set(['depression', 'anxiety', 'schizophrenia', 'bipolar']);
export const isMentalHealth = (name: ConditionName): boolean => mentalHealth.has(name);

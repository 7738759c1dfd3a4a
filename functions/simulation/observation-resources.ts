import type { Observation, Reference } from 'fhir/r4';
import { dateTimeText, type LondonTime, yearsBetween } from './london-time';
import { hasCondition, type SimulatedPerson } from './simulated-person';
import { concept, hl7System, loinc, smokingStatuses, snomed, type Term, term, ucum, ukCoreProfile } from './terms';

/** What every observation of one occasion has in common. */
export interface Occasion {
  readonly person: SimulatedPerson;
  readonly subject: () => Reference;
  readonly encounter: Reference | undefined;
  readonly performer: Reference | undefined;
  readonly at: LondonTime;
  /** Makes the business identifier, where the sender gives one. */
  readonly identifier?: () => { system: string; value: string };
}

type Category = 'vital-signs' | 'laboratory' | 'social-history' | 'survey';

function observation(
  occasion: Occasion,
  category: Category,
  codes: readonly Term[],
  profile = 'Observation',
): Observation {
  const { subject, encounter, performer, at, identifier } = occasion;
  return {
    resourceType: 'Observation',
    meta: { profile: [ukCoreProfile(profile)] },
    ...(identifier === undefined ? {} : { identifier: [identifier()] }),
    status: 'final',
    category: [concept(term(hl7System('observation-category'), category, categoryNames[category]))],
    code: concept(...codes),
    subject: subject(),
    ...(encounter === undefined ? {} : { encounter }),
    effectiveDateTime: dateTimeText(at),
    ...(performer === undefined ? {} : { performer: [performer] }),
  };
}

const categoryNames: Readonly<Record<Category, string>> = {
  'vital-signs': 'Vital Signs',
  laboratory: 'Laboratory',
  'social-history': 'Social History',
  survey: 'Survey',
};

const quantity = (value: number, unit: string, code: string) => ({ value, unit, system: ucum, code });

export function bloodPressure(occasion: Occasion): Observation {
  const { person, at } = occasion;
  const raised = hasCondition(person, 'hypertension', at) ? 14 : 0;
  const age = yearsBetween(person.born, at);
  const systolic = person.random.around(108 + age * 0.3 + raised, 12);
  const diastolic = Math.min(systolic - 20, person.random.around(70 + raised * 0.5 + age * 0.08, 8));
  const part = (snomedCode: string, snomedName: string, loincCode: string, name: string, value: number) => ({
    code: { ...concept(term(snomed, snomedCode, snomedName), term(loinc, loincCode, name)), text: name },
    valueQuantity: quantity(value, 'millimeter of mercury', 'mm[Hg]'),
  });
  return {
    ...observation(
      occasion,
      'vital-signs',
      [
        term(snomed, '75367002', 'Blood pressure'),
        term(loinc, '85354-9', 'Blood pressure panel with all children optional'),
      ],
      'Observation-VitalSigns-BloodPressure',
    ),
    component: [
      part('72313002', 'Systolic arterial pressure', '8480-6', 'Systolic blood pressure', systolic),
      part('1091811000000102', 'Diastolic arterial pressure', '8462-4', 'Diastolic blood pressure', diastolic),
    ],
  };
}

/** Height (adults keep theirs), weight and body mass index. */
export function bodySize(occasion: Occasion): Observation[] {
  const { person, at } = occasion;
  const { random } = person;
  const age = Math.min(18, yearsBetween(person.born, at));
  const height = random.around((person.sex === 'male' ? 176 : 163) - (18 - age) * 6.2, 6);
  const mass = random.around(25.5 - (18 - age) * 0.5, 4, 1);
  const weight = Math.round(mass * (height / 100) ** 2 * 10) / 10;
  const measured = (codes: readonly Term[], value: number, unit: string, code: string) => ({
    ...observation(occasion, 'vital-signs', codes),
    valueQuantity: quantity(value, unit, code),
  });
  return [
    measured(
      [term(snomed, '50373000', 'Body height measure'), term(loinc, '8302-2', 'Body height')],
      height,
      'centimeter',
      'cm',
    ),
    measured(
      [term(snomed, '27113001', 'Body weight'), term(loinc, '29463-7', 'Body weight')],
      weight,
      'kilogram',
      'kg',
    ),
    measured(
      [term(snomed, '60621009', 'Body mass index'), term(loinc, '39156-5', 'Body mass index (BMI) [Ratio]')],
      Math.round((weight / (height / 100) ** 2) * 10) / 10,
      'kilogram / (meter ^ 2)',
      'kg/m2',
    ),
  ];
}

export const smokingStatus = (occasion: Occasion): Observation => ({
  ...observation(occasion, 'social-history', [term(loinc, '72166-2', 'Tobacco smoking status')]),
  valueCodeableConcept: concept(smokingStatuses[occasion.person.smoking]),
});

interface Test {
  readonly codes: readonly Term[];
  readonly mean: number;
  readonly deviation: number;
  readonly decimals: number;
  readonly unit: string;
  readonly code: string;
  readonly normal: readonly [number, number];
}

const test = (
  code: string,
  name: string,
  loincCode: string,
  [mean, deviation, decimals]: readonly [number, number, number],
  unit: string,
  normal: readonly [number, number],
): Test => ({
  codes: [term(snomed, code, name), term(loinc, loincCode, name)],
  mean,
  deviation,
  decimals,
  unit,
  code: unit,
  normal,
});

const hba1cTest = test(
  '999791000000106',
  'Haemoglobin A1c level (IFCC standardised)',
  '59261-8',
  [38, 3, 0],
  'mmol/mol',
  [20, 41],
);

const bloodTests: readonly Test[] = [
  test('1022431000000105', 'Haemoglobin estimation', '718-7', [138, 14, 0], 'g/L', [115, 165]),
  test('1022541000000102', 'Total white cell count', '6690-2', [8.2, 2.6, 1], '10*9/L', [4, 11]),
  test('999651000000107', 'Plasma C reactive protein level', '1988-5', [24, 20, 0], 'mg/L', [0, 5]),
  test('1000731000000107', 'Serum creatinine level', '14682-9', [82, 18, 0], 'umol/L', [59, 104]),
  test('1000651000000109', 'Serum potassium level', '2823-3', [4.3, 0.4, 1], 'mmol/L', [3.5, 5.3]),
];

function labResult(
  occasion: Occasion,
  { codes, decimals, unit, code, normal, deviation }: Test,
  mean: number,
): Observation {
  const [low, high] = normal;
  const value = Math.max(occasion.person.random.around(mean, deviation, decimals), low > 0 ? low / 2 : 1);
  const result: Observation = {
    ...observation(occasion, 'laboratory', codes, 'Observation-Lab'),
    valueQuantity: quantity(value, unit, code),
    referenceRange: [{ low: quantity(low, unit, code), high: quantity(high, unit, code) }],
  };
  if (value < low || value > high) {
    const flag =
      value < low
        ? term(hl7System('v3-ObservationInterpretation'), 'L', 'Low')
        : term(hl7System('v3-ObservationInterpretation'), 'H', 'High');
    result.interpretation = [concept(flag)];
  }
  return result;
}

/** Long-term blood sugar, in mmol/mol. */
export const hba1c = (occasion: Occasion): Observation =>
  labResult(occasion, hba1cTest, hasCondition(occasion.person, 'diabetes', occasion.at) ? 58 : hba1cTest.mean);

export function bloodResults(occasion: Occasion, count: number): Observation[] {
  return bloodTests.slice(0, count).map((one) => labResult(occasion, one, one.mean));
}

const vitalTests: readonly (readonly [readonly Term[], readonly [number, number, number], string, string])[] = [
  [
    [term(snomed, '364075005', 'Heart rate'), term(loinc, '8867-4', 'Heart rate')],
    [88, 16, 0],
    'beats per minute',
    '/min',
  ],
  [
    [term(snomed, '86290005', 'Respiratory rate'), term(loinc, '9279-1', 'Respiratory rate')],
    [18, 3, 0],
    'breaths per minute',
    '/min',
  ],
  [
    [term(snomed, '276885007', 'Core body temperature'), term(loinc, '8310-5', 'Body temperature')],
    [37.1, 0.7, 1],
    'degree Celsius',
    'Cel',
  ],
];

const newsTotal = term(
  snomed,
  '1104051000000101',
  'Royal College of Physicians NEWS2 (National Early Warning Score 2) total score',
);

/** What is measured on somebody taken ill: oxygen, some of the others, and the early warning score. */
export function acuteObservations(occasion: Occasion, count: number): Observation[] {
  const { random } = occasion.person;
  const oxygen: Observation = {
    ...observation(occasion, 'vital-signs', [
      term(snomed, '431314004', 'Peripheral oxygen saturation'),
      term(loinc, '2708-6', 'Oxygen saturation in Arterial blood'),
    ]),
    valueQuantity: quantity(Math.min(100, random.around(95.5, 2.2)), 'percent', '%'),
  };
  const others = vitalTests.slice(0, count).map(([codes, [mean, deviation, decimals], unit, code]) => ({
    ...observation(occasion, 'vital-signs', codes),
    valueQuantity: quantity(random.around(mean, deviation, decimals), unit, code),
  }));
  return [
    oxygen,
    ...others,
    { ...observation(occasion, 'survey', [newsTotal]), valueInteger: Math.max(0, random.around(3, 2.2)) },
  ];
}

/** PHQ-9: how depressed somebody feels, 0 to 27. */
export const depressionScore = (occasion: Occasion): Observation => ({
  ...observation(occasion, 'survey', [
    term(snomed, '720433000', 'Patient Health Questionnaire nine item score'),
    term(loinc, '44261-6', 'Patient Health Questionnaire 9 item (PHQ-9) total score'),
  ]),
  valueInteger: Math.min(27, Math.max(0, occasion.person.random.around(13, 5))),
});

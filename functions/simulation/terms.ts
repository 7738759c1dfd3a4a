import type { CodeableConcept, Coding } from 'fhir/r4';

/** Systems as UK Core names them. */
export const snomed = 'http://snomed.info/sct';
export const dmd = 'https://dmd.nhs.uk';
export const loinc = 'http://loinc.org';
export const icd10 = 'http://hl7.org/fhir/sid/icd-10';
export const opcs4 = 'https://fhir.hl7.org.uk/Id/opcs-4';
export const ucum = 'http://unitsofmeasure.org';
export const nhsNumberSystem = 'https://fhir.nhs.uk/Id/nhs-number';
export const retiredNhsNumberSystem = 'http://fhir.nhs.net/Id/nhs-number';
export const odsSystem = 'https://fhir.nhs.uk/Id/ods-organization-code';
export const odsSiteSystem = 'https://fhir.nhs.uk/Id/ods-site-code';
export const gmpSystem = 'https://fhir.hl7.org.uk/Id/gmp-number';
export const gmcSystem = 'https://fhir.hl7.org.uk/Id/gmc-number';
export const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

export const ukCoreSystem = (name: string): string => `https://fhir.hl7.org.uk/CodeSystem/UKCore-${name}`;
export const ukCoreProfile = (name: string): string => `https://fhir.hl7.org.uk/StructureDefinition/UKCore-${name}`;
export const ukCoreExtension = (name: string): string =>
  `https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-${name}`;
export const hl7System = (name: string): string => `http://terminology.hl7.org/CodeSystem/${name}`;

/** A concept with the words a sender writes beside it. */
export interface Term {
  readonly system: string;
  readonly code: string;
  readonly display: string;
}

export const term = (system: string, code: string, display: string): Term => ({ system, code, display });
const sct = (code: string, display: string): Term => term(snomed, code, display);

export const coding = ({ system, code, display }: Term): Coding => ({ system, code, display });
export const concept = (...terms: readonly Term[]): CodeableConcept => ({ coding: terms.map(coding) });

export const encounterTypes = {
  consultation: sct('11429006', 'Consultation'),
  telephone: sct('185317003', 'Telephone encounter'),
  review: sct('185349003', 'Encounter for check up'),
  homeVisit: sct('439708006', 'Home visit'),
  emergency: sct('50849002', 'Emergency room admission'),
  admission: sct('32485007', 'Hospital admission'),
} as const;

/** Why people call, come or are brought, with what a clinician then records. Weight: how often, relative to the others. */
export const complaints: readonly { readonly term: Term; readonly weight: number; readonly respiratory: boolean }[] = [
  { term: sct('267036007', 'Dyspnoea'), weight: 4, respiratory: true },
  { term: sct('49727002', 'Cough'), weight: 5, respiratory: true },
  { term: sct('29857009', 'Chest pain'), weight: 7, respiratory: false },
  { term: sct('21522001', 'Abdominal pain'), weight: 8, respiratory: false },
  { term: sct('25064002', 'Headache'), weight: 5, respiratory: false },
  { term: sct('386661006', 'Fever'), weight: 5, respiratory: false },
  { term: sct('422400008', 'Vomiting'), weight: 4, respiratory: false },
  { term: sct('404640003', 'Dizziness'), weight: 3, respiratory: false },
  { term: sct('271807003', 'Eruption of skin'), weight: 3, respiratory: false },
  { term: sct('161891005', 'Backache'), weight: 4, respiratory: false },
  { term: sct('1912002', 'Fall'), weight: 5, respiratory: false },
  { term: sct('312608009', 'Laceration'), weight: 4, respiratory: false },
];

/** What people see their practice about. */
export const consultations: readonly (readonly [Term, number])[] = [
  [sct('54150009', 'Upper respiratory infection'), 9],
  [sct('50417007', 'Lower respiratory tract infection'), 4],
  [sct('68566005', 'Urinary tract infectious disease'), 4],
  [sct('161891005', 'Backache'), 6],
  [sct('43116000', 'Eczema'), 4],
  [sct('25064002', 'Headache'), 4],
  [sct('84229001', 'Fatigue'), 4],
  [sct('57676002', 'Joint pain'), 5],
  [sct('21522001', 'Abdominal pain'), 4],
];

/** Illness that sends people to hospital: SNOMED CT of the clinician, ICD-10 of the coder. */
export const admissionDiagnoses: readonly {
  readonly term: Term;
  readonly icd: Term;
  readonly weight: number;
  readonly respiratory: boolean;
  /** Chance that the same person is back within 30 days. */
  readonly readmission: number;
}[] = [
  ['233604007', 'Pneumonia', 'J18.9', 'Pneumonia, unspecified', 8, true, 0.15],
  [
    '195951007',
    'Acute exacerbation of chronic obstructive airways disease',
    'J44.1',
    'COPD with acute exacerbation',
    4,
    true,
    0.24,
  ],
  ['708038006', 'Acute exacerbation of asthma', 'J46', 'Status asthmaticus', 3, true, 0.12],
  ['84114007', 'Heart failure', 'I50.0', 'Congestive heart failure', 5, false, 0.22],
  ['22298006', 'Myocardial infarction', 'I21.9', 'Acute myocardial infarction, unspecified', 3, false, 0.14],
  ['230690007', 'Cerebrovascular accident', 'I64', 'Stroke, not specified', 3, false, 0.1],
  [
    '68566005',
    'Urinary tract infectious disease',
    'N39.0',
    'Urinary tract infection, site not specified',
    6,
    false,
    0.16,
  ],
  ['5913000', 'Fracture of neck of femur', 'S72.0', 'Fracture of neck of femur', 3, false, 0.09],
  ['74400008', 'Appendicitis', 'K35.8', 'Acute appendicitis, other and unspecified', 3, false, 0.05],
  ['21522001', 'Abdominal pain', 'R10.4', 'Other and unspecified abdominal pain', 5, false, 0.11],
].map((row) => {
  const [code, display, icd, words, weight, respiratory, readmission] = row as [
    string,
    string,
    string,
    string,
    number,
    boolean,
    number,
  ];
  return { term: sct(code, display), icd: term(icd10, icd, words), weight, respiratory, readmission };
});

export const electiveProcedures: readonly {
  readonly term: Term;
  readonly opcs: Term;
  readonly diagnosis: Term;
  readonly icd: Term;
}[] = [
  {
    term: sct('52734007', 'Total replacement of hip'),
    opcs: term(opcs4, 'W37.1', 'Primary total prosthetic replacement of hip joint using cement'),
    diagnosis: sct('239872002', 'Osteoarthritis of hip'),
    icd: term(icd10, 'M16.1', 'Other primary coxarthrosis'),
  },
  {
    term: sct('73761001', 'Colonoscopy'),
    opcs: term(opcs4, 'H22.9', 'Unspecified diagnostic endoscopic examination of colon'),
    diagnosis: sct('21522001', 'Abdominal pain'),
    icd: term(icd10, 'R10.4', 'Other and unspecified abdominal pain'),
  },
  {
    term: sct('110473004', 'Cataract surgery'),
    opcs: term(opcs4, 'C75.1', 'Insertion of prosthetic replacement for lens'),
    diagnosis: sct('193570009', 'Cataract'),
    icd: term(icd10, 'H26.9', 'Cataract, unspecified'),
  },
];

export const emergencyProcedures = {
  appendicectomy: sct('80146002', 'Appendectomy'),
  chestXRay: sct('399208008', 'Plain chest X-ray'),
} as const;

export const emergencyAdmissionForAsthma = sct('183478001', 'Emergency hospital admission for asthma');

export const smokingStatuses = {
  never: sct('266919005', 'Never smoker'),
  former: sct('8517006', 'Former smoker'),
  current: sct('77176002', 'Smoker'),
} as const;

export const allergies: readonly Term[] = [
  sct('91936005', 'Allergy to penicillin'),
  sct('91935009', 'Allergy to peanuts'),
  sct('91934008', 'Allergy to nut'),
  sct('300916003', 'Latex allergy'),
];

export const fluVaccination = {
  procedure: sct('822851000000102', 'Seasonal influenza vaccination'),
  product: term(
    dmd,
    '11278411000001109',
    'Influenza vaccine (split virion, inactivated) suspension for injection 0.5ml pre-filled syringes (Pfizer Ltd)',
  ),
  declined: sct('591000119102', 'Vaccine declined by patient'),
} as const;

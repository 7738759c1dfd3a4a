import { dmd, snomed, type Term, term } from './terms';

export interface Medicine {
  readonly term: Term;
  /** As a prescriber writes it. */
  readonly directions: string;
  /** Amount of one issue with its unit. */
  readonly quantity: readonly [number, string];
}

const medicine = (
  system: string,
  code: string,
  display: string,
  directions: string,
  quantity: Medicine['quantity'],
): Medicine => ({
  term: term(system, code, display),
  directions,
  quantity,
});

// Products of the dictionary of medicines and devices; where its code was not at hand, the SNOMED CT medicinal product.
export const medicines = {
  salbutamol: medicine(
    dmd,
    '39113611000001102',
    'Salbutamol 100micrograms/dose inhaler CFC free',
    'Inhale two puffs when needed',
    [200, 'dose'],
  ),
  beclometasone: medicine(
    dmd,
    '42292311000001106',
    'Beclometasone 100micrograms/dose inhaler',
    'Inhale two puffs twice a day',
    [200, 'dose'],
  ),
  budesonide: medicine(
    dmd,
    '35912411000001100',
    'Budesonide 200micrograms/dose dry powder inhaler',
    'Inhale one puff twice a day',
    [100, 'dose'],
  ),
  salmeterol: medicine(
    dmd,
    '10075611000001101',
    'Salmeterol 25micrograms/dose inhaler CFC free',
    'Inhale two puffs twice a day',
    [120, 'dose'],
  ),
  prednisolone: medicine(
    snomed,
    '116601002',
    'Prednisolone-containing product',
    'Take six 5 mg tablets in the morning for five days',
    [30, 'tablet'],
  ),
  amlodipine: medicine(dmd, '319283006', 'Amlodipine 5mg tablets', 'Take one tablet a day', [28, 'tablet']),
  atorvastatin: medicine(dmd, '320029006', 'Atorvastatin 10mg tablets', 'Take one tablet at night', [28, 'tablet']),
  metformin: medicine(
    snomed,
    '109081006',
    'Metformin-containing product',
    'Take one 500 mg tablet twice a day with food',
    [56, 'tablet'],
  ),
  sertraline: medicine(snomed, '372594008', 'Sertraline', 'Take one 50 mg tablet a day', [28, 'tablet']),
  amoxicillin: medicine(dmd, '39732411000001106', 'Amoxicillin 500mg capsules', 'Take one capsule three times a day', [
    15,
    'capsule',
  ]),
  doxycycline: medicine(
    dmd,
    '41948311000001104',
    'Doxycycline 100mg capsules',
    'Take two on the first day, then one a day',
    [8, 'capsule'],
  ),
  clarithromycin: medicine(dmd, '41946511000001109', 'Clarithromycin 500mg tablets', 'Take one tablet twice a day', [
    14,
    'tablet',
  ]),
  paracetamol: medicine(dmd, '777067000', 'Paracetamol', 'Take two 500 mg tablets up to four times a day', [
    32,
    'tablet',
  ]),
} as const satisfies Record<string, Medicine>;

/** A postcode district of Bristol, North Somerset and South Gloucestershire (BNSSG). */
export interface Area {
  /** Outward part of the postcode. */
  readonly outward: string;
  readonly town: string;
  readonly authority: 'Bristol' | 'North Somerset' | 'South Gloucestershire';
  /** How many people live there, relative to the others. */
  readonly weight: number;
  /** Index of multiple deprivation, 1 (most deprived fifth) to 5: moves illness and urgent care. */
  readonly deprivation: 1 | 2 | 3 | 4 | 5;
  /** Code in the form of a lower layer super output area (E01 and six digits) from a block the ONS has not given out. */
  readonly lsoas: readonly string[];
}

type Row = readonly [outward: string, town: string, weight: number, deprivation: Area['deprivation']];

const authorities: readonly (readonly [Area['authority'], readonly Row[]])[] = [
  [
    'Bristol',
    [
      ['BS1', 'Bristol', 2, 3],
      ['BS2', 'Bristol', 3, 1],
      ['BS3', 'Bristol', 5, 3],
      ['BS4', 'Bristol', 6, 2],
      ['BS5', 'Bristol', 7, 1],
      ['BS6', 'Bristol', 3, 5],
      ['BS7', 'Bristol', 5, 3],
      ['BS8', 'Bristol', 3, 5],
      ['BS9', 'Bristol', 4, 5],
      ['BS10', 'Bristol', 4, 2],
      ['BS11', 'Bristol', 3, 1],
      ['BS13', 'Bristol', 4, 1],
      ['BS14', 'Bristol', 5, 2],
    ],
  ],
  [
    'South Gloucestershire',
    [
      ['BS15', 'Bristol', 6, 3],
      ['BS16', 'Bristol', 8, 4],
      ['BS30', 'Bristol', 4, 4],
      ['BS32', 'Bristol', 4, 5],
      ['BS34', 'Bristol', 5, 3],
      ['BS35', 'Thornbury', 4, 5],
      ['BS36', 'Bristol', 2, 5],
      ['BS37', 'Yate', 5, 4],
    ],
  ],
  [
    'North Somerset',
    [
      ['BS20', 'Portishead', 4, 5],
      ['BS21', 'Clevedon', 3, 4],
      ['BS22', 'Weston-super-Mare', 5, 3],
      ['BS23', 'Weston-super-Mare', 5, 1],
      ['BS24', 'Weston-super-Mare', 3, 4],
      ['BS25', 'Winscombe', 1, 5],
      ['BS29', 'Banwell', 1, 4],
      ['BS40', 'Bristol', 2, 5],
      ['BS41', 'Bristol', 1, 5],
      ['BS48', 'Nailsea', 3, 5],
      ['BS49', 'Bristol', 1, 4],
    ],
  ],
];

const lsoasPerArea = 4;

export const simulatedAreas: readonly Area[] = authorities
  .flatMap(([authority, rows]) => rows.map((row) => [authority, row] as const))
  .map(([authority, [outward, town, weight, deprivation]], index): Area => {
    const number = (place: number): string => String(index * lsoasPerArea + place + 1).padStart(4, '0');
    const lsoas = Array.from({ length: lsoasPerArea }, (_, place) => `E0199${number(place)}`);
    return { outward, town, authority, weight, deprivation, lsoas };
  });

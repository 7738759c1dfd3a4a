import { familyOf } from './value-family';

/**
 * The part of a resource that a view reads: a tree grown while paths are analysed, so that readers materialise exactly
 * the elements that are used (a typed reader that knows them is twice as fast as any other, see docs/proof.md).
 */
export class Shape {
  /** FHIR type code of the element, `Patient`, `HumanName`, `string`, … */
  readonly typeName: string;
  readonly fields = new Map<string, ShapeField>();
  /** Kept as JSON text because it recurses or its type is decided by the data. */
  asJson = false;

  constructor(typeName: string) {
    this.typeName = typeName;
  }

  /** The field under a JSON key, added when this is its first use. */
  need(key: string, typeName: string, many: boolean): Shape {
    const known = this.fields.get(key);
    if (known !== undefined) return known.shape;
    const shape = new Shape(typeName);
    this.fields.set(key, { many, shape });
    return shape;
  }

  /** An element of which nothing is read but that it is there is kept as JSON too. */
  get isJson(): boolean {
    return this.asJson || (this.fields.size === 0 && familyOf(this.typeName) === 'complex');
  }
}

export interface ShapeField {
  readonly many: boolean;
  readonly shape: Shape;
}

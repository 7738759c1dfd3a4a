/** Delta's primitive types that Hive names otherwise; the rest (string, double, decimal(p,s), date …) are alike. */
const renamed: Readonly<Record<string, string>> = {
  long: 'bigint',
  integer: 'int',
  short: 'smallint',
  byte: 'tinyint',
};

type DeltaType =
  | string
  | { readonly type: 'struct'; readonly fields: readonly { readonly name: string; readonly type: DeltaType }[] }
  | { readonly type: 'array'; readonly elementType: DeltaType }
  | { readonly type: 'map'; readonly keyType: DeltaType; readonly valueType: DeltaType };

/** How a Delta type reads in Hive's notation. For people who look: engines take the schema from the table's own log. */
export function hiveType(type: string): string {
  return notation(type.startsWith('{') ? (JSON.parse(type) as DeltaType) : type);
}

function notation(type: DeltaType): string {
  if (typeof type === 'string') return renamed[type] ?? type;
  if (type.type === 'array') return `array<${notation(type.elementType)}>`;
  if (type.type === 'map') return `map<${notation(type.keyType)},${notation(type.valueType)}>`;
  // Hive's notation has no quotes: a name that needs them would be read as something else.
  if (type.fields.some(({ name }) => !/^\w+$/.test(name))) return 'string';
  return `struct<${type.fields.map((field) => `${field.name}:${notation(field.type)}`).join(',')}>`;
}

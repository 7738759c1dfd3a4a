import { Thrift, type TProtocol } from 'thrift';

/** A type of Thrift's interface language, as far as the calls of the metastore need it. */
export type ThriftType =
  | 'string'
  | 'i32'
  | 'bool'
  | { readonly list: ThriftType }
  | { readonly map: readonly [key: 'string', value: 'string'] }
  | { readonly struct: StructType };

/** Fields by name: the id each has on the wire, and its type. What a peer sends beside them is skipped. */
export type StructType = Readonly<Record<string, readonly [id: number, type: ThriftType]>>;

export type StructValue = Readonly<Record<string, unknown>>;

/** Writes a struct; fields without a value are left out. */
export function writeStruct(protocol: TProtocol, fields: StructType, value: StructValue): void {
  protocol.writeStructBegin('');
  for (const [name, [id, type]] of Object.entries(fields)) {
    if (value[name] === undefined) continue;
    protocol.writeFieldBegin(name, wireType(type), id);
    writeValue(protocol, type, value[name]);
    protocol.writeFieldEnd();
  }
  protocol.writeFieldStop();
  protocol.writeStructEnd();
}

export function readStruct(protocol: TProtocol, fields: StructType): StructValue {
  const byId = new Map(Object.entries(fields).map(([name, [id, type]]) => [id, { name, type }]));
  const value: Record<string, unknown> = {};
  protocol.readStructBegin();
  for (;;) {
    const { fid, ftype } = protocol.readFieldBegin();
    if (ftype === Thrift.Type.STOP) break;
    const field = byId.get(fid);
    if (field !== undefined && wireType(field.type) === ftype) value[field.name] = readValue(protocol, field.type);
    else protocol.skip(ftype);
    protocol.readFieldEnd();
  }
  protocol.readStructEnd();
  return value;
}

function wireType(type: ThriftType): Thrift.Type {
  if (type === 'string') return Thrift.Type.STRING;
  if (type === 'i32') return Thrift.Type.I32;
  if (type === 'bool') return Thrift.Type.BOOL;
  if ('list' in type) return Thrift.Type.LIST;
  return 'map' in type ? Thrift.Type.MAP : Thrift.Type.STRUCT;
}

function writeValue(protocol: TProtocol, type: ThriftType, value: unknown): void {
  if (type === 'string') protocol.writeString(value as string);
  else if (type === 'i32') protocol.writeI32(value as number);
  else if (type === 'bool') protocol.writeBool(value as boolean);
  else if ('list' in type) {
    const items = value as readonly unknown[];
    protocol.writeListBegin(wireType(type.list), items.length);
    for (const item of items) writeValue(protocol, type.list, item);
    protocol.writeListEnd();
  } else if ('map' in type) {
    const entries = Object.entries(value as Readonly<Record<string, string>>);
    protocol.writeMapBegin(wireType('string'), wireType('string'), entries.length);
    for (const entry of entries) for (const text of entry) protocol.writeString(text);
    protocol.writeMapEnd();
  } else writeStruct(protocol, type.struct, value as StructValue);
}

function readValue(protocol: TProtocol, type: ThriftType): unknown {
  if (type === 'string') return protocol.readString();
  if (type === 'i32') return protocol.readI32();
  if (type === 'bool') return protocol.readBool();
  if ('list' in type) {
    const { size } = protocol.readListBegin();
    const items: unknown[] = [];
    for (let index = 0; index < size; index += 1) items.push(readValue(protocol, type.list));
    protocol.readListEnd();
    return items;
  }
  if ('map' in type) {
    const { size } = protocol.readMapBegin();
    const entries: [string, string][] = [];
    for (let index = 0; index < size; index += 1) entries.push([protocol.readString(), protocol.readString()]);
    protocol.readMapEnd();
    return Object.fromEntries(entries);
  }
  return readStruct(protocol, type.struct);
}

/**
 * The metadata of Arrow IPC, checked before the library reads it: it has no checksums, and the library believes every
 * length. Arrow columnar format, "Serialization and Interprocess Communication", and its files Message.fbs, Schema.fbs
 * and File.fbs, whose slots are counted here.
 */
import { FlatTable } from './flat-table.js';

export type ArrowKind = 'schema' | 'dictionary' | 'batch';

export interface ArrowMessage {
  readonly kind: ArrowKind;
  /** Bytes that follow the metadata. */
  readonly bodyLength: number;
}

/** Where a message lies in a file. */
export interface ArrowBlock {
  readonly offset: number;
  readonly metadataLength: number;
  readonly bodyLength: number;
}

const KINDS: Readonly<Record<number, ArrowKind>> = { 1: 'schema', 2: 'dictionary', 3: 'batch' };
const TIMESTAMP = 10;
const UNION = 14;
/** Fields within fields. */
const DEPTH_MAX = 64;

/** @throws Error saying what is wrong */
export function checkMessage(bytes: Uint8Array): ArrowMessage {
  const message = FlatTable.root(bytes);
  const kind = KINDS[message.uint8(1)];
  const header = message.table(2);
  if (kind === undefined || header === undefined) {
    throw new Error(`it has a message of type ${message.uint8(1)}, which is neither schema nor batch`);
  }
  const bodyLength = message.uint53(3);
  checkPairs(message, 4);
  if (kind === 'schema') checkSchema(header);
  else if (kind === 'batch') checkBatch(header, bodyLength);
  else {
    const data = header.table(1);
    if (data === undefined) throw new Error('it has a dictionary without values');
    checkBatch(data, bodyLength);
  }
  return { kind, bodyLength };
}

/** @throws Error saying what is wrong */
export function checkFooter(bytes: Uint8Array): {
  readonly dictionaries: ArrowBlock[];
  readonly batches: ArrowBlock[];
} {
  const footer = FlatTable.root(bytes);
  const schema = footer.table(1);
  if (schema === undefined) throw new Error('its footer has no schema');
  checkSchema(schema);
  checkPairs(footer, 4);
  return { dictionaries: blocksOf(footer, 2), batches: blocksOf(footer, 3) };
}

function blocksOf(footer: FlatTable, slot: number): ArrowBlock[] {
  const { at, count } = footer.structs(slot, 24);
  return Array.from({ length: count }, (_, index) => ({
    offset: footer.uint53At(at + 24 * index),
    metadataLength: footer.uint31At(at + 24 * index + 8),
    bodyLength: footer.uint53At(at + 24 * index + 16),
  }));
}

function checkSchema(schema: FlatTable): void {
  for (const field of schema.tables(1)) checkField(field, 0);
  checkPairs(schema, 2);
  schema.structs(3, 8);
}

function checkField(field: FlatTable, depth: number): void {
  if (depth > DEPTH_MAX) throw new Error(`it has fields more than ${DEPTH_MAX} deep in each other`);
  field.structs(0, 1);
  const type = field.table(3);
  if (field.uint8(2) === TIMESTAMP) type?.structs(1, 1);
  if (field.uint8(2) === UNION) type?.structs(1, 4);
  field.table(4)?.table(1);
  for (const child of field.tables(5)) checkField(child, depth + 1);
  checkPairs(field, 6);
}

function checkPairs(table: FlatTable, slot: number): void {
  for (const pair of table.tables(slot)) {
    pair.structs(0, 1);
    pair.structs(1, 1);
  }
}

/** A value takes at least a bit of the body, so that the body bounds every loop over values. */
function checkBatch(batch: FlatTable, bodyLength: number): void {
  const valuesMax = 8 * bodyLength;
  const checkLength = (length: number) => {
    if (length > valuesMax) throw new Error(`it has a batch of ${length} values in ${bodyLength} bytes`);
  };
  checkLength(batch.uint53(0));
  const nodes = batch.structs(1, 16);
  for (let at = nodes.at; at < nodes.at + 16 * nodes.count; at += 16) {
    const length = batch.uint53At(at);
    checkLength(length);
    if (batch.uint53At(at + 8) > length) throw new Error('it has a column with more nulls than values');
  }
  const buffers = batch.structs(2, 16);
  for (let at = buffers.at; at < buffers.at + 16 * buffers.count; at += 16) {
    if (batch.uint53At(at) + batch.uint53At(at + 8) > bodyLength) {
      throw new Error('it has a column that ends behind its batch');
    }
  }
  if (batch.table(3) !== undefined) {
    throw new Error('its batches are compressed, which is not read: write them without compression');
  }
  const counts = batch.structs(4, 8);
  for (let at = counts.at; at < counts.at + 8 * counts.count; at += 8) {
    if (batch.uint53At(at) > buffers.count) throw new Error('it has a column of more buffers than there are');
  }
}

/** Id tables as sections: consecutive integers need none, integers one, texts two. */
import type { IdTable } from '../ids/id-table.js';
import { IntegerIds } from '../ids/integer-ids.js';
import { JoinedIds } from '../ids/joined-ids.js';
import { RangeIds } from '../ids/range-ids.js';
import { TextIds } from '../ids/text-ids.js';
import type { IdsEntry } from './directory.js';
import type { SectionReader } from './section-reader.js';
import type { SectionWriter } from './section-writer.js';

/** @param name Start of the names of its sections. */
export async function writeIds(writer: SectionWriter, name: string, table: IdTable): Promise<IdsEntry> {
  if (table instanceof RangeIds) return { kind: 'range', first: table.first, size: table.size };
  if (table instanceof IntegerIds) {
    return { kind: 'integers', values: await writer.add(`${name}-integers`, table.values) };
  }
  if (table instanceof TextIds) {
    const { offsets, bytes } = table.pool;
    return {
      kind: 'texts',
      offsets: await writer.add(`${name}-text-offsets`, offsets),
      bytes: await writer.add(`${name}-text-bytes`, bytes),
    };
  }
  if (table instanceof JoinedIds) {
    return {
      kind: 'joined',
      integers: await writeIds(writer, name, table.integers),
      texts: await writeIds(writer, name, table.texts),
    };
  }
  throw new TypeError(`The ids "${name}" are of a kind that .anant files do not hold.`);
}

export async function readIds(reader: SectionReader, entry: IdsEntry): Promise<IdTable> {
  switch (entry.kind) {
    case 'range':
      return readRange(reader, entry);
    case 'integers':
      return new IntegerIds((await reader.read(entry.values, ['u32', 'f64'])) as Uint32Array);
    case 'texts':
      return readTexts(reader, entry);
    case 'joined':
      return new JoinedIds(await readIds(reader, entry.integers), await readIds(reader, entry.texts));
    default:
      return reader.refuse(`there are no ids of the kind "${String((entry as { kind: unknown }).kind)}"`);
  }
}

function readRange(reader: SectionReader, { first, size }: { first: number; size: number }): IdTable {
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(size) || size < 0) {
    reader.refuse(`ids cannot run from ${first} over ${size} numbers`);
  }
  return new RangeIds(first, size);
}

async function readTexts(
  reader: SectionReader,
  entry: Extract<IdsEntry, { kind: 'texts' }>,
): Promise<IdTable> {
  const offsets = (await reader.read(entry.offsets, ['u32'])) as Uint32Array;
  const bytes = (await reader.read(entry.bytes, ['u8'])) as Uint8Array;
  if (offsets.length === 0 || offsets[0] !== 0 || offsets.at(-1) !== bytes.length || !isRising(offsets)) {
    reader.refuse(`the sections "${entry.offsets}" and "${entry.bytes}" do not fit together`);
  }
  return new TextIds({ bytes, offsets });
}

/** Whether no value is smaller than the one before it. */
export function isRising(values: Uint32Array): boolean {
  for (let i = 1; i < values.length; i++) {
    if (values[i]! < values[i - 1]!) return false;
  }
  return true;
}

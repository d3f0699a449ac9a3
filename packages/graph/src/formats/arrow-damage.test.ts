/** Arrow whose lengths and offsets were changed is refused before the library follows them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { AnantError } from '@anant/core';
import { seededRandom } from '@anant/core/testing';
import { Int32, Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { Hypergraph } from '../graph.js';
import { tempFile } from '../testing/temp-files.js';
import { checkedArrow } from './arrow-framing.js';

const ROWS = 40;

/** Text ids as they are and in a dictionary, and integers. */
function table(): Table {
  const rows = Array.from({ length: ROWS }, (_, at) => at);
  return new Table({
    hyperedge: vectorFromArray(rows, new Int32()),
    vertex: vectorFromArray(
      rows.map((at) => `v${at % 7}`),
      new Utf8(),
    ),
    role: vectorFromArray(rows.map((at) => ['author', 'work'][at % 2])),
  });
}

async function read(bytes: Uint8Array): Promise<number | string> {
  const path = tempFile('damaged', bytes);
  try {
    using graph = await Hypergraph.load(path, { format: 'arrow', properties: 'keep' });
    return graph.incidenceCount;
  } catch (error) {
    if (!AnantError.is(error, 'E_FILE_FORMAT')) throw error;
    return error.message;
  }
}

describe.each(['file', 'stream'] as const)('an Arrow %s', (kind) => {
  const whole = tableToIPC(table(), kind);

  it('that is cut short is refused, or is the rows before the cut', async () => {
    expect(await read(whole)).toBe(ROWS);
    for (let length = 1; length < whole.length; length += 7) {
      const outcome = await read(whole.subarray(0, length));
      if (outcome !== ROWS) expect(outcome).toMatch(/damaged|not valid Arrow|the columns are/);
      if (kind === 'file') expect(outcome).not.toBe(ROWS);
    }
  });

  it('with any byte changed reads or is refused', async () => {
    const random = seededRandom(7);
    for (let at = 0; at < whole.length; at += 3) {
      const changed = Uint8Array.from(whole);
      changed[at] = [0, 0x7f, 0xff, Math.floor(random() * 256)][at % 4]!;
      const outcome = await read(changed);
      if (typeof outcome === 'number') expect(outcome).toBeLessThanOrEqual(8 * whole.length);
    }
  });

  it('may come in any pieces', async () => {
    const path = tempFile('whole', whole);
    const bytes = readFileSync(path);
    const single = async function* () {
      for (const byte of bytes) yield Uint8Array.of(byte);
    };
    const checked = await checkedArrow(single());
    const pieces: Uint8Array[] = checked instanceof Uint8Array ? [checked] : [];
    if (!(checked instanceof Uint8Array)) for await (const piece of checked) pieces.push(piece);
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    writeFileSync(path, Buffer.concat(pieces));
    expect(await read(readFileSync(path))).toBe(ROWS);
  });
});

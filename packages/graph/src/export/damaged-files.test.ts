/** Files of every format, cut short or with a byte changed: read as something, or refused with a code; nothing else. */
import { readFileSync, writeFileSync } from 'node:fs';
import { AnantError } from '@anant/core';
import { seededRandom } from '@anant/core/testing';
import { expect, test } from 'vitest';
import { Hypergraph } from '../graph.js';
import { tempFile } from '../testing/temp-files.js';
import { EXPORT_FORMATS, type ExportFormatName } from './export-graph.js';

const FILES = EXPORT_FORMATS.filter((format) => format !== 'simplices');
const TRIES = 24;
const CODES = ['E_FILE_FORMAT', 'E_GRAPH_INVALID', 'E_OUT_OF_MEMORY'];

/** Pairs with relations, which fit every format. */
function example(format: ExportFormatName): Hypergraph {
  const pairs = [
    ['ada', 'charles'],
    ['charles', 'mary'],
    ['mary', 'ada'],
    ['ada', 'notes'],
  ];
  const relation = ['knows', 'knows', 'reads', 'writes'];
  return Hypergraph.from(pairs, format === 'metis' ? {} : { properties: { hyperedges: { relation } } });
}

function damage(bytes: Buffer, random: () => number): Buffer {
  const at = Math.floor(random() * bytes.length);
  if (random() < 0.5) return bytes.subarray(0, at);
  const changed = Buffer.from(bytes);
  changed[at] = Math.floor(random() * 256);
  return changed;
}

async function outcomeOf(path: string, format: ExportFormatName | 'anant'): Promise<string> {
  try {
    using graph = await Hypergraph.load(path, { format, properties: 'keep' });
    for (const vertex of graph.edgeToNodes.members) if (vertex >= graph.vertexCount) return 'a member beyond';
    return 'read';
  } catch (error) {
    return AnantError.is(error) ? error.code : `${error}`;
  }
}

test.each([...FILES, 'anant'] as const)('%s', async (format) => {
  const whole = tempFile('whole', '');
  using graph = example(format === 'anant' ? 'hif' : format);
  if (format === 'anant') await graph.save(whole);
  else await graph.export(whole, { format });
  expect(await outcomeOf(whole, format)).toBe('read');
  const bytes = readFileSync(whole);
  const random = seededRandom(20_261_126);
  const path = tempFile('damaged', '');
  for (let i = 0; i < TRIES; i++) {
    const damaged = damage(bytes, random);
    writeFileSync(path, damaged);
    const outcome = await outcomeOf(path, format);
    expect([...CODES, 'read'], `try ${i}: ${damaged.length} of ${bytes.length} bytes`).toContain(outcome);
  }
});

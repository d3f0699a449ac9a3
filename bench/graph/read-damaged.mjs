/**
 * For bench/damaged-files.mjs: reads files of one format that were damaged by a seed, in a process of its own, so
 * that whoever started it can end one that never answers. Prints before each try its number, and at the end, as JSON, how
 * often which outcome came and the most memory that was used.
 *
 *   node read-damaged.mjs FORMAT TRIES SEED FOLDER
 */
import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { AnantError } from '@anant/core';
import { seededRandom } from '@anant/core/testing';
import { Hypergraph } from '@anant/graph';

const [format, tries, seed, folder] = process.argv.slice(2);
/** What reading a damaged file may end with. */
const CODES = ['E_FILE_FORMAT', 'E_GRAPH_INVALID', 'E_OUT_OF_MEMORY'];
const random = seededRandom(Number(seed));
const below = (bound) => Math.floor(random() * bound);

/** Facts of two members with relations and weights, which every format holds at least in part. */
function example() {
  const names = ['ada', 'charles', 'mary', 'luigi', 'x"y', 'žofie', '17'];
  const pairs = Array.from({ length: 60 }, (_, at) => [names[at % 7], names[(at * at + 1) % 7] + (at % 5)]);
  if (format === 'metis') return Hypergraph.from(names.slice(1).map((name, at) => [names[at], name]));
  const relation = pairs.map((_, at) => ['knows', 'reads', 'writes'][at % 3]);
  return Hypergraph.from(pairs, {
    properties: { hyperedges: { relation, weight: pairs.map((_, at) => at / 4) } },
  });
}

/** The same table as `arrow`, as a stream and with a dictionary. */
async function arrowStream(path) {
  const { tableFromArrays, tableToIPC } = await import('apache-arrow');
  const rows = Array.from({ length: 60 }, (_, at) => at);
  const table = tableFromArrays({
    hyperedge: Int32Array.from(rows, (at) => at % 20),
    vertex: rows.map((at) => `v${at % 9}`),
    role: rows.map((at) => ['author', 'work'][at % 2]),
  });
  writeFileSync(path, tableToIPC(table, 'stream'));
}

async function write(path) {
  const graph = example();
  if (format === 'arrow-stream') await arrowStream(path);
  else if (format === 'anant') await graph.save(path);
  else await graph.export(path, { format });
}

/** One of the ways in which files break: cut, a byte, a run of bytes, a number made extreme, a part lost, moved or twice. */
function damage(bytes) {
  const at = below(bytes.length);
  const length = 1 + below(Math.min(64, bytes.length - at));
  const changed = Buffer.from(bytes);
  switch (below(8)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      changed[at] ^= 1 << below(8);
      return changed;
    case 2:
      changed[at] = below(256);
      return changed;
    case 3:
      for (let i = 0; i < length; i++) changed[at + i] = below(256);
      return changed;
    case 4:
      changed.fill([0, 0x7f, 0xff, 0x80][below(4)], at, at + Math.min(8, length));
      return changed;
    case 5:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 6:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at)]);
    default:
      bytes.copy(changed, below(bytes.length - length + 1), at, at + length);
      return changed;
  }
}

async function outcomeOf(path) {
  try {
    const graph = await Hypergraph.load(path, {
      format: format === 'arrow-stream' ? 'arrow' : format,
      properties: 'keep',
    });
    for (const vertex of graph.edgeToNodes.members) if (vertex >= graph.vertexCount) return 'a member beyond';
    graph[Symbol.dispose]?.();
    return 'read';
  } catch (error) {
    return AnantError.is(error) && CODES.includes(error.code) ? error.code : `${error?.stack ?? error}`;
  }
}

const whole = join(folder, 'whole');
await write(whole);
const bytes = readFileSync(whole);
const outcomes = {};
let slowestMs = 0;
const path = join(folder, 'damaged');
for (let at = 0; at < Number(tries); at++) {
  const damaged = at === 0 ? bytes : damage(bytes);
  writeFileSync(path, damaged);
  // Written at once: a process that never answers would not get to its buffers.
  writeSync(1, `${at}\n`);
  const begin = performance.now();
  const outcome = await outcomeOf(path);
  slowestMs = Math.max(slowestMs, performance.now() - begin);
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  if (at === 0 && outcome !== 'read') throw new Error(`The whole file: ${outcome}`);
}
const peakMib = Math.round(process.resourceUsage().maxRSS / 1024);
writeSync(1, `${JSON.stringify({ outcomes, slowestMs: Math.round(slowestMs), peakMib })}\n`);

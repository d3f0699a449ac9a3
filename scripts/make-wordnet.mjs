/**
 * Makes `examples/data/wordnet-verbs.tsv.gz` from WordNet's `data.verb`: one row `edge, node` per word of a synset.
 *
 *   node scripts/make-wordnet.mjs <path of data.verb>
 *
 * `data.verb` is part of WordNet 3.0 (Debian: package wordnet-base, /usr/share/wordnet/data.verb). Its lines are, by
 * wndb(5WN): offset, number of the lexicographer file, type, word count in hexadecimal, then word and lexical id for
 * each word. Lines that start with a space are the licence.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** Lexicographer files of verbs, by number, as in lexnames(5WN). */
const TOPICS = {
  29: 'body',
  30: 'change',
  31: 'cognition',
  32: 'communication',
  33: 'competition',
  34: 'consumption',
  35: 'contact',
  36: 'creation',
  37: 'emotion',
  38: 'motion',
  39: 'perception',
  40: 'possession',
  41: 'social',
  42: 'stative',
  43: 'weather',
};

const HEADER = 'edge\tnode';

/** Key and words of one synset. */
function parseSynset(line) {
  const fields = line.split(' ');
  const [offset, topic, type, count] = fields;
  if (type !== 'v' || !(topic in TOPICS))
    throw new Error(`This is not a line of data.verb: ${line.slice(0, 60)}`);
  const words = Array.from({ length: Number.parseInt(count, 16) }, (_, i) => fields[4 + 2 * i]);
  return { key: `${TOPICS[topic]}.${offset}`, words: words.map((word) => word.replaceAll('_', ' ')) };
}

function rowsOf(text) {
  const rows = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(' '))
    .map(parseSynset)
    .flatMap(({ key, words }) => [...new Set(words)].map((word) => `${key}\t${word}`));
  return rows.sort((a, b) => (a < b ? -1 : 1));
}

const source = process.argv[2];
if (source === undefined) {
  console.error('usage: node scripts/make-wordnet.mjs <path of data.verb>');
  process.exit(2);
}
const rows = rowsOf(readFileSync(source, 'latin1'));
const target = join(
  dirname(dirname(fileURLToPath(import.meta.url))),
  'examples',
  'data',
  'wordnet-verbs.tsv.gz',
);
writeFileSync(target, gzipSync(`${[HEADER, ...rows].join('\n')}\n`, { level: 9 }));
const synsets = new Set(rows.map((row) => row.split('\t')[0]));
const words = new Set(rows.map((row) => row.split('\t')[1]));
console.log(`${target}: ${synsets.size} synsets, ${words.size} words, ${rows.length} rows`);

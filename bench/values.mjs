/** What encoding, decoding and checking portable values costs, in nanoseconds: best of rounds, beside JSON and msgpackr. */
import { parseArgs } from 'node:util';
import { checkPortable, clonePortable, decodeValue, encodeValue } from '@anant/core/codec';

const { values: options } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const ROUNDS = 5;
const ROUND_MS = 60;

const row = (id) => ({
  id,
  name: `vertex ${id}`,
  weight: id / 7,
  tags: ['a', 'bb', 'ccc'],
  active: true,
  parent: null,
});
const cases = {
  number: 42,
  text: 'hello world',
  'small object': { id: 1, name: 'a' },
  'row of 6 fields': row(5),
  '1,000 rows': Array.from({ length: 1000 }, (_, id) => row(id)),
  '10,000 integers': Array.from({ length: 10_000 }, (_, index) => index * 37),
  'Float64Array(1000)': Float64Array.from({ length: 1000 }, (_, index) => index / 3),
};

/** The peer is compared where it is installed; it packs without checking anything. */
const peer = await import('msgpackr').then(
  ({ Packr }) => new Packr({ useRecords: false }),
  () => undefined,
);

function nanoseconds(action) {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round <= ROUNDS; round++) {
    const end = performance.now() + ROUND_MS;
    const start = process.hrtime.bigint();
    let count = 0;
    while (count % 16 !== 0 || performance.now() < end) {
      action();
      count += 1;
    }
    // The first round only warms up.
    if (round > 0) best = Math.min(best, Number(process.hrtime.bigint() - start) / count);
  }
  return Math.round(best);
}

const results = {};
for (const [name, value] of Object.entries(cases)) {
  const { body, buffers } = encodeValue(value);
  const text = JSON.stringify(value);
  const packed = peer?.pack(value);
  results[name] = {
    encode: nanoseconds(() => encodeValue(value)),
    decode: nanoseconds(() => decodeValue(body, buffers)),
    check: nanoseconds(() => checkPortable(value)),
    clone: nanoseconds(() => clonePortable(value)),
    stringify: nanoseconds(() => JSON.stringify(value)),
    parse: nanoseconds(() => JSON.parse(text)),
    ...(peer && {
      pack: nanoseconds(() => peer.pack(value)),
      unpack: nanoseconds(() => peer.unpack(packed)),
    }),
  };
}
if (options.json) console.log(JSON.stringify({ unit: 'ns', results }));
else console.table(results);

/** One profile of values goes to every backend and comes back unchanged. */
import { CODE_KINDS, defineClauses } from '../clause.js';
import type { ClauseContext } from '../clause-context.js';
import { checkSame } from '../portable-equality.js';
import { arrayValues, cornerValues, randomPortable } from '../portable-values.js';
import { okValue } from '../session.js';
import { checkEqual } from '../violation.js';

const RANDOM_VALUES = 120;
const LARGE_ELEMENTS = 1_000_000;

/** Law: `echo(value)` is the value. */
async function checkRoundTrips(context: ClauseContext, values: readonly unknown[]): Promise<void> {
  const session = await context.open();
  const attempts = session.submit(values.map((value) => ['echo', value] as const));
  for (const [index, attempt] of attempts.entries()) {
    checkSame(okValue(await session.log.end(attempt), `echo ${index}`), values[index], `value ${index}`);
  }
}

export const valueClauses = defineClauses('values', [
  {
    id: 'BC-40',
    title: 'carries every corner of the value profile and back',
    kinds: CODE_KINDS,
    run: (context) => checkRoundTrips(context, cornerValues()),
  },
  {
    id: 'BC-41',
    title: 'carries typed arrays and tensors of every element type and back, to the bit',
    kinds: CODE_KINDS,
    run: (context) => checkRoundTrips(context, arrayValues()),
  },
  {
    id: 'BC-42',
    title: `law: ${RANDOM_VALUES} random values come back as they went`,
    kinds: CODE_KINDS,
    run: (context) =>
      checkRoundTrips(
        context,
        Array.from({ length: RANDOM_VALUES }, () => randomPortable(context.random)),
      ),
  },
  {
    id: 'BC-43',
    title: 'carries a large array and back, to the bit',
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const array = Float64Array.from({ length: LARGE_ELEMENTS }, () => context.random() - 0.5);
      checkSame(await session.value('echo', { array }), { array }, 'an array of 8 MB');
    },
  },
  {
    id: 'BC-44',
    title: 'hands the worker the very bytes that were sent',
    kinds: CODE_KINDS,
    async run(context) {
      const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7919) % 256);
      const digest = bytes.reduce((total, byte) => (total * 31 + byte) % 1_000_003, 0);
      const session = await context.open();
      checkSame(
        await session.value('digestBytes', { bytes }),
        { length: bytes.length, digest },
        'the digest',
      );
    },
  },
  {
    id: 'BC-45',
    title: 'never changes the value a caller still holds',
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const array = new Float64Array(10_000).fill(3);
      const input = { array, nested: [new Map([['k', array]])] };
      await session.value('echo', input);
      checkEqual(array.length, 10_000, 'the length of the array after the call');
      checkEqual(
        array.every((element) => element === 3),
        true,
        'its elements',
      );
    },
  },
  {
    id: 'BC-46',
    title: 'law: the sum of sums is the sum',
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const lists = Array.from({ length: 40 }, () =>
        Array.from({ length: 25 }, () => Math.trunc(context.random() * 2000) - 1000),
      );
      const attempts = session.submit(lists.map((list) => ['sumList', list] as const));
      let total = 0;
      for (const attempt of attempts) total += okValue(await session.log.end(attempt), 'sumList') as number;
      checkEqual(
        total,
        lists.flat().reduce((sum, next) => sum + next, 0),
        'the sum',
      );
    },
  },
]);

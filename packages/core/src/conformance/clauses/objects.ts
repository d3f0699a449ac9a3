/** Objects near the workers: stored, referred to, read back, forgotten. */
import { isObjectStore, ObjectRef, type ObjectStore } from '../../contract/index.js';
import { AnantError } from '../../error/index.js';
import { CODE_KINDS, defineClauses } from '../clause.js';
import { until, within } from '../deadline.js';
import { checkSame } from '../portable-equality.js';
import { arrayValues, cornerValues } from '../portable-values.js';
import { checkRefused } from '../refusals.js';
import { okValue, type Session } from '../session.js';
import { check, checkEqual, checkOneOf, Violation } from '../violation.js';

function storeOf(session: Session): ObjectStore {
  if (!isObjectStore(session.backend)) throw new Violation('objects are promised, but there is no store');
  return session.backend;
}

async function put(session: Session, value: unknown): Promise<ObjectRef> {
  const id = session.newId('object');
  await within(storeOf(session).doPut(id, value), session.deadlineMs, () => `doPut ${id}`);
  return new ObjectRef(id, session.backend.id);
}

const get = (session: Session, id: string): Promise<unknown> =>
  within(storeOf(session).doGet(id), session.deadlineMs, () => `doGet ${id}`);

async function checkLost(session: Session, id: string): Promise<void> {
  const code = await get(session, id).then(
    () => undefined,
    (error: unknown) => (AnantError.is(error) ? error.code : String(error)),
  );
  checkEqual<string | undefined>(code, 'E_OBJECT_LOST', 'reading an object that is not there');
}

export const objectClauses = defineClauses('objects', [
  {
    id: 'BC-66',
    title: 'gives a stored value back unchanged, and its size',
    requires: ['objects'],
    async run(context) {
      const session = await context.open();
      const values = [...cornerValues(), ...arrayValues()];
      for (const value of [values, new Float64Array(1_000_000).fill(0.1)]) {
        const id = session.newId('object');
        const info = await within(storeOf(session).doPut(id, value), context.deadlineMs, () => 'doPut');
        check(info.bytes > 0, `an object of ${info.bytes} bytes`);
        checkSame(await get(session, id), value, 'the stored value');
        storeOf(session).doRelease([id]);
      }
    },
  },
  {
    id: 'BC-67',
    title: 'puts the stored value where a reference to it stands, at any depth and more than once',
    requires: ['objects'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const [small, large] = [
        await put(session, { n: 7n }),
        await put(session, new Float64Array(50_000).fill(2)),
      ];
      checkSame(await session.value('echo', small), { n: 7n }, 'a reference as the whole input');
      const input = { list: [small, 1, small], map: new Map([['k', large]]) };
      const expected = {
        list: [{ n: 7n }, 1, { n: 7n }],
        map: new Map([['k', new Float64Array(50_000).fill(2)]]),
      };
      checkSame(await session.value('echo', input), expected, 'references inside an input');
    },
  },
  {
    id: 'BC-68',
    title: 'forgets a released object; releasing what it does not have is nothing',
    requires: ['objects'],
    async run(context) {
      const session = await context.open();
      const { id } = await put(session, 'short-lived');
      storeOf(session).doRelease(['never-stored', id, id]);
      storeOf(session).doRelease([id]);
      await until(
        async () => {
          const isGone = await get(session, id).then(
            () => false,
            () => true,
          );
          return isGone ? true : undefined;
        },
        context.deadlineMs,
        () => 'the end of a released object',
      );
      await checkLost(session, id);
    },
  },
  {
    id: 'BC-69',
    title: 'says so, in time, when a task refers to an object that is not there',
    requires: ['objects'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      await checkLost(session, session.newId('never'));
      const missing = new ObjectRef(session.newId('never'), session.backend.id);
      const { outcome } = await session.run('echo', [missing]);
      checkOneOf(outcome.status, ['refused', 'app-error', 'lost'], 'a task with a reference to nothing');
      const text = JSON.stringify(outcome);
      check(
        text.includes('E_OBJECT_LOST') || text.includes(missing.id),
        `${text} does not say what is missing`,
      );
      checkSame(await session.value('echo', 'alive'), 'alive', 'the task after it');
    },
  },
  {
    id: 'BC-70',
    title: 'keeps a result by reference, reads it and hands it to the next task',
    requires: ['objects', 'result-by-reference'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const attempt = session.submitOne('returnLarge', { bytes: 100_000 }, { output: 'reference' });
      const { outcome } = await session.log.end(attempt);
      checkEqual(outcome.status, 'ok-reference', 'a result by reference');
      if (outcome.status !== 'ok-reference') return;
      check(outcome.bytes >= 100_000, `a result of 100,000 bytes is said to have ${outcome.bytes}`);
      const reference = new ObjectRef(outcome.object, session.backend.id);
      const digest = (await session.value('digestBytes', { bytes: reference })) as { length: number };
      checkEqual(digest.length, 100_000, 'what the next task received');
      checkEqual(((await get(session, outcome.object)) as Uint8Array).length, 100_000, 'what can be read');
      storeOf(session).doRelease([outcome.object]);
    },
  },
  {
    id: 'BC-71',
    title: 'keeps errors errors when the result was to stay by reference',
    requires: ['result-by-reference'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const fails = await session.run(
        'fail',
        { kind: 'custom', message: 'no result' },
        { output: 'reference' },
      );
      checkEqual(fails.outcome.status, 'app-error', 'a failing task');
      const refuses = await session.run(context.fixtures.reference(context.kind, 'noSuchTask' as 'echo'), 1, {
        output: 'reference',
      });
      checkRefused(refuses, 'E_TASK_NOT_FOUND');
    },
  },
  {
    id: 'BC-72',
    title: 'stores what a kernel produces and feeds it to the next kernel',
    requires: ['objects', 'result-by-reference'],
    kinds: ['kernel'],
    async run(context) {
      const session = await context.open();
      const values = await put(session, Float64Array.from([0.5, 1.5]));
      checkSame(
        await session.value(context.fixtures.kernel('sum'), { values }),
        { result: 2 },
        'sum of an object',
      );
      const attempt = session.submitOne(context.fixtures.kernel('sum'), { values }, { output: 'reference' });
      const { outcome } = await session.log.end(attempt);
      checkEqual(outcome.status, 'ok-reference', 'a kernel result by reference');
      if (outcome.status === 'ok-reference') {
        checkSame(await get(session, outcome.object), { result: 2 }, 'the stored result');
      }
    },
  },
  {
    id: 'BC-73',
    title: 'says lost, or rebuilds it, when an object vanishes before the task that needs it',
    requires: ['objects'],
    async run(context) {
      const session = await context.open();
      const lose = context.fault('loseObject', session);
      const reference = await put(session, 'soon gone');
      await lose(reference.id);
      const end = await session.run('echo', reference);
      if (end.outcome.status === 'ok') checkSame(okValue(end, 'echo'), 'soon gone', 'the rebuilt object');
      else checkOneOf(end.outcome.status, ['lost', 'refused', 'app-error'], 'a task whose object is gone');
    },
  },
]);

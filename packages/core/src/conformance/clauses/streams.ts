/** Streams: items in order, never far ahead of the reader, ended like everything else. */
import {
  isStreamSource,
  STREAM_CREDITS_INITIAL,
  type TaskEvent,
  type TaskItemEvent,
} from '../../contract/index.js';
import { CODE_KINDS, defineClauses } from '../clause.js';
import { fileLines } from '../deadline.js';
import type { Attempt } from '../event-log.js';
import { checkSame } from '../portable-equality.js';
import { arrayValues, cornerValues } from '../portable-values.js';
import { okValue, type Session } from '../session.js';
import { check, checkEqual, Violation } from '../violation.js';

const LONG_STREAM_ITEMS = 1000;
const STREAM = { output: 'stream' } as const;

function credit(session: Session, { id, attempt }: Attempt, credits: number): void {
  if (!isStreamSource(session.backend))
    throw new Violation('streams are promised, but there is no doStreamCredit');
  session.backend.doStreamCredit(id, attempt, credits);
}

const items = (session: Session, attempt: Attempt): readonly unknown[] =>
  session.log.of(attempt).flatMap((event) => (event.type === 'task-item' ? [event.value] : []));

const item = (session: Session, attempt: Attempt, sequence: number): Promise<TaskItemEvent> => {
  const matches = (event: TaskEvent): event is TaskItemEvent =>
    event.type === 'task-item' && event.id === attempt.id && event.sequence === sequence;
  return session.log.next(matches, `item ${sequence} of ${attempt.id}`);
};

/** Gives a credit back for every item, as a reader does. */
function readAll(session: Session): void {
  session.log.onEvent = (event) => {
    if (event.type === 'task-item') credit(session, event, 1);
  };
}

export const streamClauses = defineClauses('streams', [
  {
    id: 'BC-74',
    title: 'yields items in order and ends ok without a value',
    requires: ['streams'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const attempt = session.submitOne('streamCount', { count: 10 }, STREAM);
      const value = okValue(await session.log.end(attempt), 'streamCount');
      check(value === undefined || value === null, `a stream ended with the value ${String(value)}`);
      checkSame(items(session, attempt), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 'the items');
    },
  },
  {
    id: 'BC-75',
    title: 'ends a stream without items',
    requires: ['streams'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const attempt = session.submitOne('streamCount', { count: 0 }, STREAM);
      checkEqual((await session.log.end(attempt)).outcome.status, 'ok', 'an empty stream');
      checkEqual(items(session, attempt).length, 0, 'its items');
    },
  },
  {
    id: 'BC-76',
    title: `stops after ${STREAM_CREDITS_INITIAL} items until it gets credits, then yields just as many`,
    requires: ['streams'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const produced = context.path('produced');
      const attempt = session.submitOne('streamCount', { count: 40, produced }, STREAM);
      await item(session, attempt, STREAM_CREDITS_INITIAL - 1);
      // The law BL-7 watches every item; other work passes by while the producer has to wait.
      if (session.info.slots > 1) await session.value('echo', 'meanwhile');
      checkEqual(items(session, attempt).length, STREAM_CREDITS_INITIAL, 'items without credits');
      check(
        fileLines(produced).length <= STREAM_CREDITS_INITIAL + 1,
        `the producer is ${fileLines(produced).length} items ahead`,
      );
      credit(session, attempt, 5);
      await item(session, attempt, STREAM_CREDITS_INITIAL + 4);
      credit(session, attempt, 100);
      okValue(await session.log.end(attempt), 'streamCount');
      checkEqual(items(session, attempt).length, 40, 'all items');
    },
  },
  {
    id: 'BC-77',
    title: `yields ${LONG_STREAM_ITEMS} items to a reader that keeps up`,
    requires: ['streams'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      readAll(session);
      const attempt = session.submitOne('streamCount', { count: LONG_STREAM_ITEMS }, STREAM);
      okValue(await session.log.end(attempt), 'streamCount');
      checkSame(
        items(session, attempt),
        Array.from({ length: LONG_STREAM_ITEMS }, (_, index) => index),
        'items',
      );
    },
  },
  {
    id: 'BC-78',
    title: 'delivers the items before an error, then the error',
    requires: ['streams'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const attempt = session.submitOne('streamCount', { count: 10, failAt: 4 }, STREAM);
      const { outcome } = await session.log.end(attempt);
      checkEqual(outcome.status, 'app-error', 'a stream that fails');
      checkSame(items(session, attempt), [0, 1, 2, 3], 'the items before the error');
    },
  },
  {
    id: 'BC-79',
    title: 'carries every portable value as an item, and refuses the others',
    requires: ['streams'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      readAll(session);
      const values = [...cornerValues(), ...arrayValues()];
      const attempt = session.submitOne('streamItems', { items: values }, STREAM);
      okValue(await session.log.end(attempt), 'streamItems');
      checkSame(items(session, attempt), values, 'the items');
      const broken = session.submitOne('streamFunction', null, STREAM);
      const { outcome } = await session.log.end(broken);
      checkEqual(outcome.status, 'app-error', 'a stream with an item nobody can carry');
      if (outcome.status === 'app-error') checkEqual(outcome.error.code, 'E_VALUE_NOT_PORTABLE', 'its code');
    },
  },
  {
    id: 'BC-80',
    title: 'stops a stream that nobody reads any more, when asked',
    requires: ['streams', 'cancel.ask'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const waiting = session.submitOne('streamCount', { count: 1000 }, STREAM);
      await item(session, waiting, STREAM_CREDITS_INITIAL - 1);
      await session.cancel('ask', waiting);
      checkEqual(
        (await session.log.end(waiting)).outcome.status,
        'cancelled',
        'a stream waiting for credits',
      );
      const quiet = session.submitOne('streamUntilSignal', null, STREAM);
      await item(session, quiet, 0);
      await session.cancel('ask', quiet);
      checkEqual(
        (await session.log.end(quiet)).outcome.status,
        'cancelled',
        'a stream waiting for its signal',
      );
      checkSame(await session.value('echo', 'alive'), 'alive', 'the task after it');
    },
  },
  {
    id: 'BC-81',
    title: 'keeps streams that run at the same time apart',
    requires: ['streams'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      readAll(session);
      const attempts = session.submit(
        Array.from({ length: 6 }, (_, index) => ['streamCount', { count: 30 + index }, STREAM] as const),
      );
      for (const [index, attempt] of attempts.entries()) {
        okValue(await session.log.end(attempt), 'streamCount');
        checkEqual(items(session, attempt).length, 30 + index, `items of stream ${index}`);
      }
    },
  },
]);

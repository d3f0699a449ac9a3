/** Taking batches: every envelope once, whatever its neighbours do. */
import { CODE_KINDS, defineClauses } from '../clause.js';
import { fileLines } from '../deadline.js';
import { checkSame } from '../portable-equality.js';
import { okValue } from '../session.js';
import { check, checkEqual } from '../violation.js';

const BATCH_TASKS = 200;
const WINDOW_TASKS_MAX = 1000;
const SLOTS_MAX = 4;

export const submitClauses = defineClauses('submit', [
  {
    id: 'BC-14',
    title: 'runs one task and says on which worker',
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const release = context.gate();
      const attempt = session.submitOne('waitForFile', { release });
      const start = await session.log.started(attempt);
      check(start.worker.length > 0, 'task-start names no worker');
      context.release(release);
      checkEqual(okValue(await session.log.end(attempt), 'waitForFile') as string, 'released', 'its value');
    },
  },
  {
    id: 'BC-15',
    title: `runs a batch of ${BATCH_TASKS} and gives each task its own result`,
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const attempts = session.submit(
        Array.from({ length: BATCH_TASKS }, (_, index) => ['add', { a: index, b: 0.5 }] as const),
      );
      const ends = await Promise.all(attempts.map((attempt) => session.log.end(attempt)));
      ends.forEach((end, index) => {
        checkEqual(okValue(end, 'add') as number, index + 0.5, `result ${index}`);
      });
    },
  },
  {
    id: 'BC-16',
    title: 'takes an empty batch for nothing',
    async run(context) {
      const session = await context.open();
      session.backend.doSubmit([]);
      checkEqual((await session.value('echo', 'after')) as string, 'after', 'the task after an empty batch');
    },
  },
  {
    id: 'BC-17',
    title: 'mixes good, failing and impossible tasks in one batch without one touching another',
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const missing = context.fixtures.reference(context.kind, 'noSuchTask' as 'echo');
      const attempts = session.submit(
        Array.from({ length: 30 }, (_, index) =>
          index % 3 === 0
            ? (['echo', index] as const)
            : index % 3 === 1
              ? (['fail', { kind: 'custom', message: `number ${index}` }] as const)
              : ([missing, index] as const),
        ),
      );
      const statuses = ['ok', 'app-error', 'refused'];
      for (const [index, attempt] of attempts.entries()) {
        const { outcome } = await session.log.end(attempt);
        checkEqual(outcome.status, statuses[index % 3], `task ${index}`);
        if (outcome.status === 'ok') checkSame(outcome.value, index, `task ${index}`);
        if (outcome.status === 'app-error')
          checkEqual(outcome.error.message, `number ${index}`, 'its message');
      }
    },
  },
  {
    id: 'BC-18',
    title: 'ignores a second submission of an open attempt',
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const [path, release] = [context.path('runs'), context.gate()];
      const attempt = session.submitOne('recordAndWait', { path, line: 'run', release });
      session.backend.doSubmit([attempt]);
      session.backend.doSubmit([attempt, attempt]);
      await session.log.started(attempt);
      session.backend.doSubmit([attempt]);
      context.release(release);
      okValue(await session.log.end(attempt), 'recordAndWait');
      await session.value('echo', 'a round trip later');
      checkEqual(fileLines(path).length, 1, 'executions');
    },
  },
  {
    id: 'BC-19',
    title: 'may be called from inside an event',
    async run(context) {
      const session = await context.open();
      let followers = 0;
      const ids = Array.from({ length: 5 }, () => session.newId());
      session.log.onEvent = (event) => {
        if (event.type === 'task-end' && followers < ids.length) {
          session.submitOne('echo', followers, { id: ids[followers++]! });
        }
      };
      session.submitOne('echo', 'first');
      for (const id of ids) okValue(await session.log.end({ id, attempt: 1 }), id);
    },
  },
  {
    id: 'BC-20',
    title: 'runs as many tasks at once as it has slots',
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const count = Math.min(session.info.slots, SLOTS_MAX);
      const release = context.gate();
      const attempts = session.submit(
        Array.from({ length: count }, () => ['waitForFile', { release }] as const),
      );
      // None of them ends before all have started.
      await Promise.all(attempts.map((attempt) => session.log.started(attempt)));
      context.release(release);
      for (const attempt of attempts) okValue(await session.log.end(attempt), attempt.id);
    },
  },
  {
    id: 'BC-21',
    title: 'holds a whole window of open tasks',
    async run(context) {
      const session = await context.open();
      const release = context.gate();
      const first = session.submitOne('waitForFile', { release });
      await session.log.started(first);
      const count = Math.min(session.info.windowTasks, WINDOW_TASKS_MAX) - 1;
      const attempts = session.submit(Array.from({ length: count }, (_, index) => ['echo', index] as const));
      context.release(release);
      for (const [index, attempt] of attempts.entries()) {
        checkEqual(okValue(await session.log.end(attempt), 'echo') as number, index, `result ${index}`);
      }
    },
  },
  {
    id: 'BC-22',
    title: 'tells a task its own id and attempt',
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const attempt = session.submitOne('describeContext', null, { attempt: 3 });
      const value = okValue(await session.log.end(attempt), 'describeContext');
      checkSame(value, { taskId: attempt.id, attempt: 3 }, 'the context');
    },
  },
  {
    id: 'BC-23',
    title: 'refuses the result of an attempt that a newer one has replaced',
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const [oldGate, id] = [context.gate(), session.newId()];
      const older = session.submitOne(
        'recordAndWait',
        {
          path: context.path('old'),
          line: 'old',
          release: oldGate,
        },
        { id },
      );
      await session.log.started(older);
      const newer = session.submitOne('echo', 'new', { id, attempt: 2 });
      context.release(oldGate);
      checkEqual(okValue(await session.log.end(newer), 'the newer attempt') as string, 'new', 'its value');
      const { status } = (await session.log.end(older)).outcome;
      check(status !== 'ok' && status !== 'app-error', `the replaced attempt ended ${status}`);
    },
  },
]);

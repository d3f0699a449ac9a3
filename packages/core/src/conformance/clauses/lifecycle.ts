/** Starting, health and stopping. */
import { AnantError } from '../../error/index.js';
import { defineClauses } from '../clause.js';
import type { ClauseContext } from '../clause-context.js';
import { fileLines, within } from '../deadline.js';
import type { Session } from '../session.js';
import { check, checkEqual, checkOneOf } from '../violation.js';

const HEALTH_MS_MAX = 5000;

const health = (session: Session) =>
  within(session.backend.doHealth(), HEALTH_MS_MAX, () => 'the answer to doHealth');

export const lifecycleClauses = defineClauses('lifecycle', [
  {
    id: 'BC-05',
    title: 'starts in time and says its window, slots and details',
    async run(context) {
      const { windowTasks, slots, details } = (await context.open()).info;
      check(Number.isInteger(slots) && slots >= 1, `slots ${slots}`);
      check(
        Number.isInteger(windowTasks) && windowTasks >= slots,
        `window ${windowTasks} below ${slots} slots`,
      );
      for (const [key, value] of Object.entries(details))
        checkEqual(typeof value, 'string', `details.${key}`);
    },
  },
  {
    id: 'BC-06',
    title: 'is ready and empty after its start',
    async run(context) {
      const session = await context.open();
      const answer = await health(session);
      checkEqual(answer.state, 'ready', `health (${answer.reason})`);
      checkEqual(answer.openTasks, 0, 'open tasks of an idle backend');
      check(Number.isInteger(answer.slots) && answer.slots >= 1, `slots ${answer.slots}`);
      check(Number.isInteger(answer.epoch) && answer.epoch >= 0, `epoch ${answer.epoch}`);
    },
  },
  {
    id: 'BC-07',
    title: 'counts open tasks in its health',
    async run(context) {
      const session = await context.open();
      const release = context.gate();
      const attempt = session.submitOne('waitForFile', { release });
      await session.log.started(attempt);
      checkEqual((await health(session)).openTasks, 1, 'open tasks while one runs');
      context.release(release);
      await session.log.end(attempt);
      checkEqual((await health(session)).openTasks, 0, 'open tasks after its end');
    },
  },
  {
    id: 'BC-08',
    title: 'lets open work end within the grace of doStop',
    scope: 'fresh',
    async run(context) {
      const session = await context.open();
      const release = context.gate();
      const attempt = session.submitOne('waitForFile', { release });
      await session.log.started(attempt);
      const stopped = session.stop(context.deadlineMs);
      context.release(release);
      checkEqual((await session.log.end(attempt)).outcome.status, 'ok', 'a task that ends within the grace');
      await stopped;
    },
  },
  {
    id: 'BC-09',
    title: 'ends what is open as lost when the grace is over, and stopping twice is fine',
    scope: 'fresh',
    async run(context) {
      const session = await context.open();
      const release = context.gate();
      const running = session.submitOne('waitForFile', { release });
      await session.log.started(running);
      const waiting = session.submit(
        Array.from({ length: session.info.slots + 2 }, () => ['waitForFile', { release }] as const),
      );
      await Promise.all([session.stop(0), session.stop(0)]);
      for (const attempt of [running, ...waiting]) {
        check(session.log.hasEnded(attempt), `${attempt.id} had no task-end when doStop resolved`);
        checkEqual((await session.log.end(attempt)).outcome.status, 'lost', attempt.id);
      }
      await session.stop(0);
    },
  },
  {
    id: 'BC-10',
    title: 'is down after its stop, and runs nothing that is submitted later',
    scope: 'fresh',
    async run(context) {
      const session = await context.open();
      await session.stop(0);
      const path = context.path('runs');
      session.submitOne('record', { path, line: 'ran' });
      const answer = await health(session).then(
        ({ state }) => state,
        (error: unknown) => (AnantError.is(error, 'E_BACKEND_CLOSED') ? 'down' : String(error)),
      );
      checkEqual(answer, 'down', 'health of a stopped backend');
      checkEqual(fileLines(path).length, 0, 'executions after the stop');
    },
  },
  {
    id: 'BC-11',
    title: 'may be stopped before it was ever started',
    scope: 'fresh',
    async run(context) {
      const backend = await context.acquire();
      await within(backend.doStop({ graceMs: 0 }), context.deadlineMs, () => 'doStop before doStart');
    },
  },
  {
    id: 'BC-12',
    title: 'says in time, with a code and advice, that its control plane does not exist',
    scope: 'fresh',
    async run(context) {
      await failsToStart(context, 'createUnreachable', ['E_ENGINE_UNREACHABLE', 'E_BACKEND_UNAVAILABLE']);
    },
  },
  {
    id: 'BC-13',
    title: 'refuses to start with another half of a version that does not fit',
    scope: 'fresh',
    async run(context) {
      await failsToStart(context, 'createSkewed', ['E_VERSION_SKEW', 'E_PROTOCOL_VERSION']);
    },
  },
]);

async function failsToStart(
  context: ClauseContext,
  fault: 'createUnreachable' | 'createSkewed',
  codes: readonly string[],
): Promise<void> {
  const backend = await context.fault(fault)();
  const session = context.sessionOn(backend);
  const error = await session.start().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  context.defer(() => backend.doStop({ graceMs: 0 }));
  check(AnantError.is(error), `doStart gave ${error === undefined ? 'no error' : String(error)}`);
  checkOneOf<string>(error.code, codes, `the code of "${error.message}"`);
  check(error.advice, `"${error.message}" comes without advice`);
}

/** The four timeouts, as a user sees them. */
import type { CancelStrategy, Outcome, TimeoutKind } from '../../contract/index.js';
import { CODE_KINDS, defineClauses } from '../clause.js';
import type { ClauseContext } from '../clause-context.js';
import { fileLines, fileText, until } from '../deadline.js';
import { checkEqual } from '../violation.js';

/** Short, and nothing here is quicker than it: the tasks never end by themselves. */
const TIMEOUT_MS = 250;
/** Far more than a heartbeat's way takes on a busy machine. */
const HEARTBEAT_MS = 1500;

function checkTimeout(outcome: Outcome, kind: TimeoutKind): void {
  checkEqual(outcome.status, 'timeout', `the outcome (${JSON.stringify(outcome).slice(0, 300)})`);
  if (outcome.status === 'timeout') checkEqual(outcome.timeout, kind, 'which timeout');
}

/** How a task that ignores everything is left behind on this backend. */
const hardest = (context: ClauseContext): CancelStrategy => (context.has('cancel.kill') ? 'kill' : 'forget');

export const timeoutClauses = defineClauses('timeout', [
  {
    id: 'BC-106',
    title: 'times a task out that does not start in time, and never runs it',
    level: 'client',
    requires: ['timeout.schedule-to-start'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const client = await context.connect();
      const [release, path] = [context.gate(), context.path('runs')];
      const wait = await context.task('waitForFile');
      const started = Array.from({ length: session.info.slots }, () => context.path('started'));
      const held = started.map((mark) => client.submit(wait, { release, started: mark }));
      await Promise.all(started.map((mark) => fileText(mark, context.deadlineMs)));
      const late = client.submit(
        await context.task('record'),
        { path, line: 'ran' },
        { timeouts: { scheduleToStartMs: TIMEOUT_MS } },
      );
      checkTimeout(await late.outcome(), 'schedule-to-start');
      // The backend has let go of it when only the tasks in its way are open.
      await until(
        async () => {
          const { backends } = await client.health();
          return backends[session.backend.id]?.openAttempts === held.length ? true : undefined;
        },
        context.deadlineMs,
        () => 'the end of the late attempt',
      );
      context.release(release);
      for (const handle of held)
        checkEqual((await handle.outcome()).status, 'ok', 'a task that was in its way');
      await client.run(await context.task('echo'), 'a round trip later');
      checkEqual(fileLines(path).length, 0, 'executions of the late task');
    },
  },
  {
    id: 'BC-107',
    title: 'times an attempt out that runs too long',
    level: 'client',
    requires: ['timeout.start-to-close'],
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const outcome = await client
        .submit(await context.task('sleepUntilSignal'), {}, { timeouts: { startToCloseMs: TIMEOUT_MS } })
        .outcome();
      checkTimeout(outcome, 'start-to-close');
      checkEqual(await client.run(await context.task<string>('echo'), 'alive'), 'alive', 'the task after it');
    },
  },
  {
    id: 'BC-108',
    title: 'times out a loop that never yields, and uses its slot again',
    level: 'client',
    requires: ['timeout.start-to-close', 'cancel.kill'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const client = await context.connect();
      const loop = await context.task('busyLoop');
      const options = { timeouts: { startToCloseMs: TIMEOUT_MS }, cancel: { how: 'kill' } } as const;
      const handles = Array.from({ length: session.info.slots }, () => client.submit(loop, {}, options));
      for (const handle of handles) checkTimeout(await handle.outcome(), 'start-to-close');
      const results = await client.map(await context.task<number>('echo'), [1, 2, 3]);
      checkEqual(results.join(), '1,2,3', 'the tasks after them');
    },
  },
  {
    id: 'BC-109',
    title: 'times a task out that takes too long in all',
    level: 'client',
    requires: ['timeout.schedule-to-close'],
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const release = context.gate();
      const outcome = await client
        .submit(
          await context.task('waitForFile'),
          { release },
          { timeouts: { scheduleToCloseMs: TIMEOUT_MS }, cancel: { how: hardest(context) } },
        )
        .outcome();
      checkTimeout(outcome, 'schedule-to-close');
      checkEqual(await client.run(await context.task<string>('echo'), 'alive'), 'alive', 'the task after it');
    },
  },
  {
    id: 'BC-110',
    title: 'times an attempt out that gives no sign of life',
    level: 'client',
    requires: ['timeout.heartbeat'],
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const release = context.gate();
      const outcome = await client
        .submit(
          await context.task('waitForFile'),
          { release },
          { timeouts: { heartbeatMs: TIMEOUT_MS }, cancel: { how: hardest(context) } },
        )
        .outcome();
      checkTimeout(outcome, 'heartbeat');
    },
  },
  {
    id: 'BC-111',
    title: 'leaves an attempt alone that does, however long it runs',
    level: 'client',
    requires: ['timeout.heartbeat'],
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const [release, started] = [context.gate(), context.path('started')];
      const handle = client.submit(
        await context.task<string>('beatUntil'),
        { release, started },
        { timeouts: { heartbeatMs: HEARTBEAT_MS } },
      );
      await fileText(started, context.deadlineMs);
      const beganMs = performance.now();
      await until(
        () => (performance.now() - beganMs > HEARTBEAT_MS ? true : undefined),
        context.deadlineMs,
        () => 'the passing of one heartbeat timeout',
      );
      context.release(release);
      checkEqual(await handle.result(), 'released', 'its result');
    },
  },
]);

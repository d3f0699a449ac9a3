/** Workers, bridges and engines die, freeze and come back; every attempt still ends once, in time. */
import type { TaskEnvelope } from '../../contract/index.js';
import { CODE_KINDS, defineClauses } from '../clause.js';
import type { ClauseContext } from '../clause-context.js';
import { fileLines, until, within } from '../deadline.js';
import type { FaultTarget } from '../fault-harness.js';
import { checkSame } from '../portable-equality.js';
import { okValue, type Session } from '../session.js';
import { check, checkEqual, checkOneOf } from '../violation.js';
import { withTracing } from '../with-tracing.js';
import { checkSlots } from './cancel.js';

const BRIDGE_TASKS = 1000;
const CHAOS_TASKS = 60;
const CHAOS_KILLS = 5;
/** A worker of its own where the backend has the choice: a thread cannot be killed from outside. */
const KILLABLE = { mode: 'process' } as const;

interface Running {
  readonly attempt: TaskEnvelope;
  readonly target: FaultTarget;
  readonly release: string;
}

async function running(context: ClauseContext, session: Session): Promise<Running> {
  const [started, release] = [context.path('started'), context.gate()];
  const attempt = session.submitOne('waitForFile', { started, release }, KILLABLE);
  return { attempt, release, target: await session.target(attempt, started) };
}

/** A session on an engine whose control plane can be ended alone. */
async function apart(context: ClauseContext) {
  const { backend, stopControlPlane, close } = await context.fault('startApart')();
  context.defer(close);
  context.defer(() => backend.doStop({ graceMs: 0 }));
  const session = context.sessionOn(withTracing(backend));
  await session.start();
  return { session, stopControlPlane };
}

const alive = async (session: Session): Promise<void> =>
  checkSame(await session.value('echo', 'alive'), 'alive', 'a task after the fault');

/** Submits until the backend takes work again; while it recovers, tasks may end lost or refused. */
async function recovers(session: Session): Promise<void> {
  await until(
    async () => {
      const { status } = (await session.run('echo', 'again')).outcome;
      return status === 'ok' ? true : undefined;
    },
    RECOVERIES * session.deadlineMs,
    () => 'the return to work',
  );
}

/** Recovery may take several deadlines: an engine starts anew. */
const RECOVERIES = 3;

export const faultClauses = defineClauses('faults', [
  {
    id: 'BC-92',
    title: 'ends a task that ends its own worker as lost, and replaces the worker',
    requires: ['recovery.worker-loss'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const { outcome } = await session.run('exitProcess', { code: 3 });
      checkEqual(outcome.status, 'lost', 'a task that ends its worker');
      if (outcome.status === 'lost') {
        checkOneOf(outcome.started, ['yes', 'maybe'], 'whether it had started');
        check(outcome.reason.length > 0, 'lost without a reason');
      }
      await checkSlots(context, session);
    },
  },
  {
    id: 'BC-93',
    title: 'spares the neighbours of a task that ends its own worker',
    requires: ['recovery.worker-loss'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const release = context.gate();
      const neighbours = session.submit(
        Array.from({ length: session.info.slots - 1 }, () => ['waitForFile', { release }] as const),
      );
      await Promise.all(neighbours.map((neighbour) => session.log.started(neighbour)));
      const poison = session.submit([
        ['exitProcess', { code: 1 }],
        ['exitProcess', { code: 1 }],
      ]);
      const waiting = session.submit(Array.from({ length: 10 }, (_, index) => ['echo', index] as const));
      for (const attempt of poison) {
        checkEqual((await session.log.end(attempt)).outcome.status, 'lost', 'the poison');
      }
      context.release(release);
      for (const neighbour of neighbours) okValue(await session.log.end(neighbour), 'a neighbour');
      for (const [index, attempt] of waiting.entries()) {
        checkEqual(okValue(await session.log.end(attempt), 'a waiting task') as number, index, 'its value');
      }
    },
  },
  {
    id: 'BC-94',
    title: 'ends the task of a killed worker as lost, in time, and runs on',
    requires: ['recovery.worker-loss'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const kill = context.fault('killWorkerOf', session);
      const { attempt, target } = await running(context, session);
      await kill(target);
      const { outcome } = await session.log.end(attempt);
      checkEqual(outcome.status, 'lost', 'the task of a killed worker');
      if (outcome.status === 'lost') checkOneOf(outcome.started, ['yes', 'maybe'], 'whether it had started');
      await checkSlots(context, session);
    },
  },
  {
    id: 'BC-95',
    title: 'stops a task that takes all memory before it takes the machine',
    requires: ['memory-limit'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const { outcome } = await session.run('exhaustMemory', {});
      if (outcome.status === 'app-error') {
        checkEqual(outcome.error.code, 'E_OUT_OF_MEMORY', `the code of "${outcome.error.message}"`);
      } else {
        checkEqual(outcome.status, 'lost', 'a task that takes all memory');
      }
      await checkSlots(context, session);
    },
  },
  {
    id: 'BC-96',
    title: 'lets a frozen worker finish once it thaws, and counts its result once',
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const freeze = context.fault('freezeWorkerOf', session);
      const { attempt, target, release } = await running(context, session);
      const thaw = await freeze(target);
      context.release(release);
      await session.value('echo', 'meanwhile', { kind: context.kind });
      await thaw();
      // An engine may have given the worker up; twice is what the laws do not allow.
      checkOneOf((await session.log.end(attempt)).outcome.status, ['ok', 'lost'], 'the frozen task');
      await checkSlots(context, session);
    },
  },
  {
    id: 'BC-97',
    title: `settles ${BRIDGE_TASKS} open tasks when the process to its engine dies, and comes back under a new epoch`,
    scope: 'fresh',
    async run(context) {
      const session = await context.open();
      const killBridge = context.fault('killBridge', session);
      const before = await session.backend.doHealth();
      const { attempt, release } = await running(context, session);
      const count = Math.min(BRIDGE_TASKS, session.info.windowTasks) - 1;
      const waiting = session.submit(
        Array.from({ length: count }, () => ['waitForFile', { release }] as const),
      );
      await killBridge();
      for (const { id, attempt: number } of [attempt, ...waiting]) {
        const { status } = (await session.log.end({ id, attempt: number })).outcome;
        checkOneOf(status, ['lost', 'ok'], `${id} of the dead bridge`);
      }
      context.release(release);
      await recovers(session);
      const after = await session.backend.doHealth();
      check(after.epoch > before.epoch, `epoch ${after.epoch} after ${before.epoch}`);
    },
  },
  {
    id: 'BC-98',
    title: 'settles open tasks when its control plane dies, and takes work again when it is back',
    scope: 'fresh',
    requires: ['recovery.control-plane-loss'],
    async run(context) {
      const { session, stopControlPlane } = await apart(context);
      const { attempt, release } = await running(context, session);
      const waiting = session.submit(Array.from({ length: 20 }, () => ['waitForFile', { release }] as const));
      const restart = await stopControlPlane();
      const late = session.submitOne('echo', 'while it is down');
      context.release(release);
      await restart();
      for (const { id, attempt: number } of [attempt, ...waiting, late]) {
        const deadlineMs = RECOVERIES * context.deadlineMs;
        const { status } = (await session.log.end({ id, attempt: number }, deadlineMs)).outcome;
        checkOneOf(status, ['ok', 'lost', 'unknown', 'refused'], id);
      }
      await recovers(session);
    },
  },
  {
    id: 'BC-99',
    title: 'is not ready, and hangs nobody, while its control plane is gone',
    scope: 'fresh',
    async run(context) {
      const { session, stopControlPlane } = await apart(context);
      await alive(session);
      await stopControlPlane();
      await until(
        async () => {
          const state = await within(session.backend.doHealth(), 5000, () => 'doHealth').then(
            (health) => health.state,
            () => 'down' as const,
          );
          return state === 'ready' ? undefined : true;
        },
        RECOVERIES * context.deadlineMs,
        () => 'the news that the control plane is gone',
      );
      const attempt = session.submitOne('echo', 1);
      const { status } = (await session.log.end(attempt, RECOVERIES * context.deadlineMs)).outcome;
      checkOneOf(status, ['lost', 'unknown', 'refused'], 'a task while the control plane is gone');
    },
  },
  {
    id: 'BC-100',
    title: 'gives one result for a task that its engine delivers twice',
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const redeliver = context.fault('redeliver', session);
      const { attempt, target, release } = await running(context, session);
      await redeliver(target);
      context.release(release);
      checkOneOf((await session.log.end(attempt)).outcome.status, ['ok', 'lost'], 'the task');
      await alive(session);
    },
  },
  {
    id: 'BC-101',
    title: 'leaves no process behind when the process that uses it is killed',
    scope: 'fresh',
    async run(context) {
      const { orphans } = await context.fault('killParent')();
      checkEqual(orphans.length, 0, `processes left behind (${orphans.join(', ')})`);
    },
  },
  {
    id: 'BC-102',
    title: `law: of ${CHAOS_TASKS} tasks, with workers killed at random, each ends once and runs at most once`,
    requires: ['recovery.worker-loss'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const kill = context.fault('killWorkerOf', session);
      const path = context.path('runs');
      const attempts = session.submit(
        Array.from(
          { length: CHAOS_TASKS },
          (_, index) => ['record', { path, line: `${index}` }, KILLABLE] as const,
        ),
      );
      for (let strike = 0; strike < CHAOS_KILLS; strike++) {
        const { target } = await running(context, session);
        await kill(target);
      }
      for (const [index, attempt] of attempts.entries()) {
        const { outcome } = await session.log.end(attempt);
        checkOneOf(outcome.status, ['ok', 'lost'], `task ${index}`);
        if (outcome.status === 'ok') checkSame(outcome.value, `${index}`, `task ${index}`);
      }
      const lines = fileLines(path);
      checkEqual(new Set(lines).size, lines.length, 'different executions');
      await checkSlots(context, session);
    },
  },
]);

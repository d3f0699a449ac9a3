/** Cancelling says what it did, and the end of the attempt says how it ended. */
import type { CancelAnswer } from '../../contract/index.js';
import { CODE_KINDS, defineClauses } from '../clause.js';
import type { ClauseContext } from '../clause-context.js';
import { fileLines, until } from '../deadline.js';
import type { Attempt } from '../event-log.js';
import { checkSame } from '../portable-equality.js';
import { okValue, type Session } from '../session.js';
import { check, checkEqual, checkOneOf } from '../violation.js';

const STORM_TASKS = 2000;
const ENDED: readonly CancelAnswer[] = ['already-done', 'unknown-task'];

/** Occupies every slot with tasks that wait for `release`. */
export async function occupy(
  context: ClauseContext,
  session: Session,
): Promise<{
  readonly release: string;
  readonly attempts: readonly Attempt[];
}> {
  const release = context.gate();
  const attempts = session.submit(
    Array.from({ length: session.info.slots }, () => ['waitForFile', { release }] as const),
  );
  await Promise.all(attempts.map((attempt) => session.log.started(attempt)));
  return { release, attempts };
}

/** Checks that every slot can still be used at once. */
export async function checkSlots(context: ClauseContext, session: Session): Promise<void> {
  const { release, attempts } = await occupy(context, session);
  context.release(release);
  for (const attempt of attempts) okValue(await session.log.end(attempt), 'a task in a used slot');
}

async function startedTask(
  context: ClauseContext,
  session: Session,
  name: 'sleepUntilSignal' | 'hang' | 'busyLoop',
): Promise<Attempt> {
  const started = context.path('started');
  const attempt = session.submitOne(name, { started });
  await session.target(attempt, started);
  return attempt;
}

export const cancelClauses = defineClauses('cancel', [
  {
    id: 'BC-54',
    title: 'takes a waiting task back before it ever runs',
    requires: ['cancel.ask'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const { release } = await occupy(context, session);
      const path = context.path('runs');
      const waiting = session.submitOne('record', { path, line: 'ran' });
      checkEqual((await session.cancel('ask', waiting))[0], 'cancelled', 'the answer for a waiting task');
      const { outcome } = await session.log.end(waiting);
      checkEqual(outcome.status, 'cancelled', 'its outcome');
      context.release(release);
      await session.value('echo', 'a round trip later');
      checkEqual(fileLines(path).length, 0, 'executions of the cancelled task');
    },
  },
  {
    id: 'BC-55',
    title: 'asks a running task to stop, and says by whom it was cancelled',
    requires: ['cancel.ask'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const attempt = await startedTask(context, session, 'sleepUntilSignal');
      checkOneOf((await session.cancel('ask', attempt))[0], ['requested', 'cancelled'], 'the answer');
      const { outcome } = await session.log.end(attempt);
      checkEqual(outcome.status, 'cancelled', 'the outcome of a task that gave way');
      if (outcome.status === 'cancelled') checkEqual(outcome.how, 'ask', 'how');
      checkSame(await session.value('echo', 'alive'), 'alive', 'the task after it');
    },
  },
  {
    id: 'BC-56',
    title: 'lets a task that was asked in vain end as it likes',
    requires: ['cancel.ask'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const [started, release] = [context.path('started'), context.gate()];
      const attempt = session.submitOne('waitForFile', { started, release });
      await session.target(attempt, started);
      checkEqual((await session.cancel('ask', attempt))[0], 'requested', 'the answer');
      check(!session.log.hasEnded(attempt), 'asked, the task ended at once although it still runs');
      context.release(release);
      checkEqual((await session.log.end(attempt)).outcome.status, 'ok', 'its outcome');
    },
  },
  {
    id: 'BC-57',
    title: 'kills a task that ignores everything',
    requires: ['cancel.kill'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const attempt = await startedTask(context, session, 'hang');
      checkEqual((await session.cancel('kill', attempt))[0], 'cancelled', 'the answer');
      const { outcome } = await session.log.end(attempt);
      checkEqual(outcome.status, 'cancelled', 'the outcome of a killed task');
      if (outcome.status === 'cancelled') checkEqual(outcome.how, 'kill', 'how');
    },
  },
  {
    id: 'BC-58',
    title: 'kills a loop that never yields, and uses its slot again',
    requires: ['cancel.kill'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const attempt = await startedTask(context, session, 'busyLoop');
      checkEqual((await session.cancel('kill', attempt))[0], 'cancelled', 'the answer');
      checkEqual((await session.log.end(attempt)).outcome.status, 'cancelled', 'the outcome');
      await checkSlots(context, session);
    },
  },
  {
    id: 'BC-59',
    title: 'spares the neighbours of a killed task',
    requires: ['cancel.kill'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const release = context.gate();
      const neighbours = session.submit(
        Array.from({ length: session.info.slots - 1 }, () => ['waitForFile', { release }] as const),
      );
      await Promise.all(neighbours.map((neighbour) => session.log.started(neighbour)));
      const victim = await startedTask(context, session, 'hang');
      const waiting = session.submitOne('echo', 'waited');
      await session.cancel('kill', victim);
      checkEqual((await session.log.end(victim)).outcome.status, 'cancelled', 'the victim');
      context.release(release);
      for (const neighbour of neighbours) okValue(await session.log.end(neighbour), 'a neighbour');
      checkSame(okValue(await session.log.end(waiting), 'echo'), 'waited', 'the task that waited');
    },
  },
  {
    id: 'BC-60',
    title: 'forgets a running task at once and drops what it returns',
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const [path, started, release] = [context.path('runs'), context.path('started'), context.gate()];
      const attempt = session.submitOne('recordAndWait', { path, line: 'ran', started, release });
      await session.target(attempt, started);
      checkEqual((await session.cancel('forget', attempt))[0], 'cancelled', 'the answer');
      const { outcome } = await session.log.end(attempt);
      checkEqual(outcome.status, 'cancelled', 'the outcome');
      if (outcome.status === 'cancelled') checkEqual(outcome.how, 'forget', 'how');
      context.release(release);
      checkSame(await session.value('echo', 'alive'), 'alive', 'the task after it');
    },
  },
  {
    id: 'BC-61',
    title: 'answers every request in order: what runs, what it never saw and what has ended',
    async run(context) {
      const session = await context.open();
      const done = session.submitOne('echo', 1);
      await session.log.end(done);
      const release = context.gate();
      const running = session.submitOne('waitForFile', { release });
      await session.log.started(running);
      const never = { id: session.newId('never'), attempt: 1 };
      const answers = await session.cancel('ask', running, never, done);
      checkEqual(answers.length, 3, 'answers');
      const asked = context.has('cancel.ask') ? 'requested' : 'unsupported';
      checkEqual(answers[0], asked, 'the answer for a running task');
      checkEqual(answers[1], 'unknown-task', 'the answer for a task nobody submitted');
      // A backend may forget what has ended; it must not claim to have stopped it.
      checkOneOf(answers[2], ENDED, 'the answer for a task that has ended');
      context.release(release);
      await session.log.end(running);
    },
  },
  {
    id: 'BC-62',
    title: 'does not mistake one attempt for another',
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const [started, release] = [context.path('started'), context.gate()];
      const attempt = session.submitOne('waitForFile', { started, release }, { attempt: 2 });
      await session.target(attempt, started);
      const [answer] = await session.cancel('ask', { id: attempt.id, attempt: 1 });
      checkOneOf(answer, ENDED, 'the answer for an attempt that is not open');
      context.release(release);
      okValue(await session.log.end(attempt), 'the newer attempt');
    },
  },
  {
    id: 'BC-63',
    title: `survives the cancellation of ${STORM_TASKS} waiting tasks at once`,
    requires: ['cancel.ask'],
    async run(context) {
      const session = await context.open();
      const { release, attempts: held } = await occupy(context, session);
      const count = Math.min(STORM_TASKS, session.info.windowTasks - held.length);
      const storm = session.submit(Array.from({ length: count }, (_, index) => ['echo', index] as const));
      const answers = await session.cancel('ask', ...storm);
      context.release(release);
      for (const [index, attempt] of storm.entries()) {
        const { status } = (await session.log.end(attempt)).outcome;
        const expected = answers[index] === 'cancelled' ? ['cancelled'] : ['cancelled', 'ok'];
        checkOneOf<string>(status, expected, `task ${index}, answered ${answers[index]}`);
      }
      check(
        answers.filter((answer) => answer === 'cancelled').length > 0,
        'not one waiting task was taken back',
      );
      for (const attempt of held) okValue(await session.log.end(attempt), 'a task that was not cancelled');
      await until(
        async () => ((await session.backend.doHealth()).openTasks === 0 ? true : undefined),
        context.deadlineMs,
        () => 'the return to no open task',
      );
    },
  },
]);

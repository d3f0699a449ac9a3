/** Attempts: how many, after what, and never one more than allowed. */
import type { Outcome } from '../../contract/index.js';
import { AnantError } from '../../error/index.js';
import { CODE_KINDS, defineClauses } from '../clause.js';
import { fileLines, fileText } from '../deadline.js';
import { check, checkEqual, checkOneOf } from '../violation.js';

const RETRY = { attempts: 5, backoffMs: 1, backoffMsMax: 5 } as const;
const BRIDGE_TASKS = 40;

function checkOutcome(outcome: Outcome, status: Outcome['status'], attempts: number): void {
  checkEqual(outcome.status, status, `the outcome (${JSON.stringify(outcome).slice(0, 300)})`);
  checkEqual(outcome.attempts, attempts, 'attempts');
}

export const retryClauses = defineClauses('retry', [
  {
    id: 'BC-112',
    title: 'tries a failing task again until it succeeds, and counts the attempts',
    level: 'client',
    requires: ['retries'],
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const path = context.path('runs');
      const outcome = await client
        .submit(
          await context.task<number>('failUntil'),
          { path, times: 2 },
          { retry: { ...RETRY, on: ['app-error'] } },
        )
        .outcome();
      checkOutcome(outcome, 'ok', 3);
      if (outcome.status === 'ok') checkEqual(outcome.value, 3, 'executions the task counted');
    },
  },
  {
    id: 'BC-113',
    title: 'gives up after the attempts it may make, with the last error',
    level: 'client',
    requires: ['retries'],
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const path = context.path('runs');
      const outcome = await client
        .submit(
          await context.task('failUntil'),
          { path, times: 100 },
          { retry: { ...RETRY, attempts: 3, on: ['app-error'] } },
        )
        .outcome();
      checkOutcome(outcome, 'app-error', 3);
      checkEqual(fileLines(path).length, 3, 'executions');
    },
  },
  {
    id: 'BC-114',
    title: 'does not repeat an error of the task unless asked to',
    level: 'client',
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const path = context.path('runs');
      const outcome = await client
        .submit(await context.task('failUntil'), { path, times: 1 }, { retry: RETRY })
        .outcome();
      checkOutcome(outcome, 'app-error', 1);
      checkEqual(fileLines(path).length, 1, 'executions');
    },
  },
  {
    id: 'BC-115',
    title: 'does not repeat what the backend refuses',
    level: 'client',
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const outcome = await client
        .submit(await context.task('noSuchTask' as 'echo'), 1, {
          retry: { ...RETRY, on: ['app-error', 'lost', 'timeout', 'unknown'] },
        })
        .outcome();
      check(outcome.status !== 'ok', 'a task that does not exist ended ok');
      check(outcome.attempts <= 1, `${outcome.attempts} attempts of a task that does not exist`);
      check(AnantError.is(outcome.error, 'E_TASK_NOT_FOUND'), `its error is ${String(outcome.error)}`);
    },
  },
  {
    id: 'BC-116',
    title: 'runs a task again whose worker died: attempts are deaths + 1',
    level: 'client',
    requires: ['retries', 'recovery.worker-loss'],
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const path = context.path('runs');
      const outcome = await client
        .submit(await context.task<number>('exitUntil'), { path, times: 2 }, { retry: RETRY })
        .outcome();
      checkOutcome(outcome, 'ok', 3);
      if (outcome.status === 'ok') checkEqual(outcome.value, 3, 'executions the task counted');
    },
  },
  {
    id: 'BC-117',
    title: 'ends a task as lost that kills its worker every time, and the tasks around it as they should',
    level: 'client',
    requires: ['recovery.worker-loss'],
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const path = context.path('runs');
      const poison = client.submit(
        await context.task('exitUntil'),
        { path, times: 100 },
        { retry: { ...RETRY, attempts: 2 } },
      );
      const others = await client.map(await context.task<number>('echo'), [1, 2, 3, 4, 5, 6, 7, 8], {
        retry: RETRY,
      });
      checkEqual(others.join(), '1,2,3,4,5,6,7,8', 'the other tasks');
      checkOutcome(await poison.outcome(), 'lost', 2);
      checkEqual(fileLines(path).length, 2, 'executions of the poison');
    },
  },
  {
    id: 'BC-118',
    title: 'never runs an at-most-once task twice',
    level: 'client',
    requires: ['delivery.at-most-once', 'recovery.worker-loss'],
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const path = context.path('runs');
      const outcome = await client
        .submit(
          await context.task('exitUntil'),
          { path, times: 100 },
          { delivery: 'at-most-once', retry: { ...RETRY, on: ['lost', 'unknown'] } },
        )
        .outcome();
      checkOneOf(outcome.status, ['lost', 'unknown'], 'the outcome');
      checkEqual(fileLines(path).length, 1, 'executions');
    },
  },
  {
    id: 'BC-119',
    title: 'settles every handle when the process to the engine dies; with retries they all end ok',
    level: 'client',
    scope: 'fresh',
    requires: ['retries'],
    async run(context) {
      const backend = await context.acquire();
      const kill = context.fault('killBridge', { backend });
      const client = await context.connectTo(backend, { limits: { retryReserve: BRIDGE_TASKS * 5 } });
      const echo = await context.task<number>('echo');
      await client.run(echo, 0);
      const [release, started] = [context.gate(), context.path('started')];
      const wait = await context.task<string>('waitForFile');
      const handles = [
        client.submit(wait, { release, started }, { retry: RETRY }),
        ...Array.from({ length: BRIDGE_TASKS }, () => client.submit(wait, { release }, { retry: RETRY })),
      ];
      await fileText(started, context.deadlineMs);
      await kill();
      context.release(release);
      for (const handle of handles) {
        const outcome = await handle.outcome();
        checkEqual(outcome.status, 'ok', `${handle.id} (${JSON.stringify(outcome).slice(0, 200)})`);
      }
    },
  },
]);

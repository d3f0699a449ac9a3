/** Closing a client, and what it holds on to. */
import { defineClauses } from '../clause.js';
import { fileText, until } from '../deadline.js';
import { checkSame } from '../portable-equality.js';
import { checkEqual, checkOneOf } from '../violation.js';

const LEAK_TASKS = 2000;

export const clientLifecycleClauses = defineClauses('lifecycle', [
  {
    id: 'BC-145',
    title: 'lets open tasks end when the client is closed',
    level: 'client',
    scope: 'fresh',
    async run(context) {
      const client = await context.connect();
      const [started, release] = [context.path('started'), context.gate()];
      const handle = client.submit(await context.task('waitForFile'), { started, release });
      await fileText(started, context.deadlineMs);
      const closed = client.close({ graceMs: context.deadlineMs });
      context.release(release);
      checkEqual((await handle.outcome()).status, 'ok', 'the open task');
      await closed;
      await client.close();
    },
  },
  {
    id: 'BC-146',
    title: 'settles every handle when the client is aborted',
    level: 'client',
    scope: 'fresh',
    async run(context) {
      const client = await context.connect();
      const [started, release] = [context.path('started'), context.gate()];
      const wait = await context.task('waitForFile');
      const running = client.submit(wait, { started, release });
      await fileText(started, context.deadlineMs);
      const waiting = Array.from({ length: 50 }, () => client.submit(wait, { release }));
      await client.abort();
      checkEqual((await running.outcome()).status, 'lost', 'the running task');
      for (const handle of waiting) {
        checkOneOf((await handle.outcome()).status, ['lost', 'cancelled'], 'a waiting task');
      }
    },
  },
]);

export const clientLeakClauses = defineClauses('leaks', [
  {
    id: 'BC-147',
    title: `holds nothing after ${LEAK_TASKS} tasks`,
    level: 'client',
    async run(context) {
      const backend = await context.acquire();
      const client = await context.connectTo(backend);
      const inputs = Array.from({ length: LEAK_TASKS }, (_, index) => index);
      checkSame(await client.map(await context.task('echo'), inputs), inputs, 'the results');
      const health = await client.health();
      checkEqual(health.openTasks, 0, 'open tasks of the client');
      checkEqual(health.backends[backend.id]?.openAttempts, 0, 'open attempts of the client');
      await until(
        async () => ((await backend.doHealth()).openTasks === 0 ? true : undefined),
        context.deadlineMs,
        () => 'the return to no open task',
      );
    },
  },
]);

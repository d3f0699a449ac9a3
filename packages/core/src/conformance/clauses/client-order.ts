/** Priority, earliest start and rate, whoever provides them. */
import type { TaskEnvelope } from '../../contract/index.js';
import { CODE_KINDS, defineClauses } from '../clause.js';
import { fileLines, fileText } from '../deadline.js';
import { check, checkEqual } from '../violation.js';
import { withSpy } from '../with-spy.js';

export const clientOrderClauses = defineClauses('order', [
  {
    id: 'BC-135',
    title:
      'hands over what is more urgent first when the backend is full; where priority is native it also starts first',
    level: 'client',
    requires: ['priority'],
    async run(context) {
      const { info } = await context.open();
      const seen: TaskEnvelope[] = [];
      const client = await context.connectTo(withSpy(await context.acquire(), seen));
      const path = context.path('order');
      const [wait, echo, record] = [
        await context.task('waitForFile'),
        await context.task('echo'),
        await context.task('record'),
      ];
      const [first, others] = [context.gate(), context.gate()];
      const marks = Array.from({ length: info.slots }, () => context.path('started'));
      const held = marks.map((started, index) =>
        client.submit(wait, { started, release: index === 0 ? first : others }),
      );
      await Promise.all(marks.map((mark) => fileText(mark, context.deadlineMs)));
      const fillers = Array.from({ length: info.windowTasks - info.slots }, () => client.submit(echo, 0));
      const urgency = ['lowest', 'low', 'middle', 'high', 'highest'];
      const handles = urgency.map((line, index) =>
        client.submit(record, { path, line }, { priority: (index - 2) * 50 }),
      );
      context.release(first);
      await Promise.all([...fillers, ...handles].map((handle) => handle.outcome()));
      context.release(others);
      await Promise.all(held.map((handle) => handle.outcome()));
      const expected = [...urgency].reverse().join();
      const lines = seen.flatMap(({ input }) => (input as { line?: string }).line ?? []);
      checkEqual(lines.join(), expected, 'the order in which the client handed them over');
      // Emulated means what the client can do: order what it has not handed over yet.
      if (context.manifest.features.priority.level !== 'native') return;
      checkEqual(fileLines(path).join(), expected, 'the order of execution');
    },
  },
  {
    id: 'BC-136',
    title: 'starts a delayed task no earlier than asked',
    level: 'client',
    requires: ['eta'],
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const echo = await context.task('echo');
      await client.run(echo, 'warm');
      const beganMs = performance.now();
      await client.run(echo, 'late', { delayMs: 200 });
      const tookMs = performance.now() - beganMs;
      // Timers may fire up to a millisecond early.
      check(tookMs >= 199, `a task delayed by 200 ms ended after ${tookMs} ms`);
    },
  },
  {
    id: 'BC-137',
    title: 'starts no more tasks than their rate allows',
    level: 'client',
    requires: ['rate-limit'],
    kinds: CODE_KINDS,
    async run(context) {
      const echo = await context.task('echo');
      const definitionRates = { [echo.name]: { perSecond: 25, burst: 1 } };
      const client = await context.connect({ limits: { definitionRates } });
      await client.run(await context.task('returnNothing'));
      const beganMs = performance.now();
      await client.map(echo, [1, 2, 3, 4, 5, 6]);
      const tookMs = performance.now() - beganMs;
      check(tookMs >= 199, `6 tasks at 25 a second were done after ${tookMs} ms`);
    },
  },
]);

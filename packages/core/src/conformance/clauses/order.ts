/** Priority and resources, as the backend itself sees them. */
import { CODE_KINDS, defineClauses } from '../clause.js';
import { fileLines } from '../deadline.js';
import { okValue, type Session } from '../session.js';
import { check, checkEqual } from '../violation.js';

const URGENCY = ['lowest', 'low', 'middle', 'high', 'highest'];

export const orderClauses = defineClauses('order', [
  {
    id: 'BC-64',
    title: 'starts the more urgent of two waiting tasks first, where priority is native',
    requires: ['priority'],
    async run(context) {
      if (context.manifest.features.priority.level !== 'native') return;
      const session = await context.open();
      // All slots but one stay taken, so that the waiting tasks run one after the other.
      const [first, others] = [context.gate(), context.gate()];
      const held = session.submit(
        Array.from(
          { length: session.info.slots },
          (_, index) => ['waitForFile', { release: index === 0 ? first : others }] as const,
        ),
      );
      await Promise.all(held.map((attempt) => session.log.started(attempt)));
      const path = context.path('order');
      const attempts = session.submit(
        URGENCY.map((line, index) => ['record', { path, line }, { priority: (index - 2) * 50 }] as const),
      );
      context.release(first);
      for (const attempt of attempts) okValue(await session.log.end(attempt), 'record');
      checkEqual(fileLines(path).join(), [...URGENCY].reverse().join(), 'the order of execution');
    },
  },
  {
    id: 'BC-65',
    title: 'never lends more cores than it has',
    requires: ['resources'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const [path, release] = [context.path('spans'), context.gate()];
      context.release(release);
      const cpu = await largestShare(session);
      const attempts = session.submit(
        Array.from(
          { length: 2 * session.info.slots + 1 },
          (_, index) => ['recordSpan', { path, line: `${index}`, release }, { resources: { cpu } }] as const,
        ),
      );
      for (const attempt of attempts) okValue(await session.log.end(attempt), 'recordSpan');
      let lent = 0;
      for (const line of fileLines(path)) {
        lent += line.startsWith('begin') ? cpu : -cpu;
        check(lent <= session.info.slots, `${lent} cores lent at once, there are ${session.info.slots}`);
      }
    },
  },
]);

/** The most cores one task may have: all of them, or those of one worker. */
async function largestShare(session: Session): Promise<number> {
  for (let cpu = session.info.slots; cpu > 1; cpu = Math.floor(cpu / 2)) {
    const { outcome } = await session.run('echo', cpu, { resources: { cpu } });
    if (outcome.status === 'ok') return cpu;
    checkEqual(outcome.status, 'refused', `a task for ${cpu} cores`);
  }
  return 1;
}

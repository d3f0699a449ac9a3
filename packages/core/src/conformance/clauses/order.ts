/** Priority and resources, as the backend itself sees them. */
import { CODE_KINDS, defineClauses } from '../clause.js';
import { fileLines } from '../deadline.js';
import { okValue } from '../session.js';
import { checkEqual } from '../violation.js';

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
    title: 'never lends a resource to two tasks at once',
    requires: ['resources'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const path = context.path('spans');
      const release = context.gate();
      context.release(release);
      const resources = { cpu: session.info.slots };
      const attempts = session.submit(
        ['a', 'b', 'c'].map((line) => ['recordSpan', { path, line, release }, { resources }] as const),
      );
      for (const attempt of attempts) okValue(await session.log.end(attempt), 'recordSpan');
      const lines = fileLines(path);
      for (let index = 0; index < lines.length; index += 2) {
        checkEqual(lines[index + 1], lines[index]?.replace('begin', 'end'), `line ${index + 2} of the spans`);
      }
    },
  },
]);

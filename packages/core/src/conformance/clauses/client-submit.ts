/** Submitting through the client: results, idempotence, refusals, maps. */
import { AnantError } from '../../error/index.js';
import { CODE_KINDS, defineClauses } from '../clause.js';
import { fileLines, fileText } from '../deadline.js';
import { checkSame } from '../portable-equality.js';
import { randomPortable } from '../portable-values.js';
import { rejection } from '../rejection.js';
import { check, checkEqual } from '../violation.js';

const MAP_TASKS = 60;
const MAP_CONCURRENCY = 3;

export const clientSubmitClauses = defineClauses('submit', [
  {
    id: 'BC-127',
    title: 'gives the result, and an outcome that names backend, attempts and time',
    level: 'client',
    kinds: CODE_KINDS,
    async run(context) {
      const backend = await context.acquire();
      const client = await context.connectTo(backend);
      const handle = client.submit(await context.task<number>('add'), { a: 20, b: 22 });
      checkEqual(await handle.result(), 42, 'the result');
      const outcome = await handle.outcome();
      checkEqual(outcome.status, 'ok', 'the status');
      checkEqual(outcome.backend, backend.id, 'the backend');
      checkEqual(outcome.attempts, 1, 'attempts');
      check(outcome.elapsedMs >= 0, `elapsedMs ${outcome.elapsedMs}`);
    },
  },
  {
    id: 'BC-128',
    title: 'takes a second submission of an id for the first, while it runs and after',
    level: 'client',
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const [path, started, release] = [context.path('runs'), context.path('started'), context.gate()];
      const task = await context.task<string>('recordAndWait');
      const input = { path, line: 'once', started, release };
      const id = `${context.environment.prefix}.same`;
      const first = client.submit(task, input, { id });
      await fileText(started, context.deadlineMs);
      const second = client.submit(task, input, { id });
      context.release(release);
      checkEqual(await first.result(), 'once', 'the first result');
      checkEqual(await second.result(), 'once', 'the second result');
      checkEqual(await client.submit(task, input, { id }).result(), 'once', 'the result after the end');
      checkEqual(fileLines(path).length, 1, 'executions');
      const error = await rejection(
        (async () => client.submit(task, { ...input, line: 'other' }, { id }).result())(),
      );
      check(
        AnantError.is(error, 'E_TASK_DUPLICATE'),
        `other contents under the same id gave ${String(error)}`,
      );
    },
  },
  {
    id: 'BC-129',
    title: 'refuses an input that cannot travel, by its path, before anything is sent',
    level: 'client',
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const echo = await context.task('echo');
      const error = await rejection(
        (async () => client.submit(echo, { rows: [1, { when: () => 0 }] }).result())(),
      );
      check(AnantError.is(error, 'E_VALUE_NOT_PORTABLE'), `it gave ${String(error)}`);
      check(error.message.includes('rows[1].when'), `no path in "${error.message}"`);
    },
  },
  {
    id: 'BC-130',
    title: 'raises an error of the task with its remote type, message and traceback',
    level: 'client',
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const error = await rejection(
        client.run(await context.task('fail'), { kind: 'cause', message: 'seen from afar' }),
      );
      check(AnantError.is(error, 'E_APP_ERROR'), `it gave ${String(error)}`);
      const text = `${error.stack ?? ''} ${error.message} ${causes(error)}`;
      for (const part of ['seen from afar', 'the middle', 'the root']) {
        check(text.includes(part), `"${part}" is nowhere in ${text.slice(0, 500)}`);
      }
    },
  },
  {
    id: 'BC-131',
    title: 'says on the outcome what the backend ignored',
    level: 'client',
    async run(context) {
      const client = await context.connect();
      const outcome = await client.submit(await context.task('echo'), 1, { priority: 5 }).outcome();
      checkEqual(outcome.status, 'ok', 'the status');
      const warned = outcome.warnings.some(({ subject }) => subject === 'priority');
      checkEqual(warned, !context.has('priority'), 'whether a warning about priority is there');
    },
  },
  {
    id: 'BC-132',
    title: 'maps in order with bounded concurrency',
    level: 'client',
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const [path, release] = [context.path('spans'), context.gate()];
      context.release(release);
      const inputs = Array.from({ length: MAP_TASKS }, (_, index) => ({ path, line: `${index}`, release }));
      const task = await context.task<string>('recordSpan');
      const results = await client.map(task, inputs, { concurrency: MAP_CONCURRENCY });
      checkEqual(results.join(), inputs.map(({ line }) => line).join(), 'the results');
      let open = 0;
      for (const line of fileLines(path)) {
        open += line.startsWith('begin') ? 1 : -1;
        check(open <= MAP_CONCURRENCY, `${open} tasks at once, ${MAP_CONCURRENCY} were allowed`);
      }
    },
  },
  {
    id: 'BC-133',
    title: 'ends a map with its first failure, and yields outcomes when asked to go on',
    level: 'client',
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const fail = await context.task('failUntil');
      const paths = Array.from({ length: 6 }, () => context.path('runs'));
      const inputs = paths.map((path, index) => ({ path, times: index === 2 ? 1 : 0 }));
      const error = await rejection(client.map(fail, inputs));
      check(AnantError.is(error, 'E_APP_ERROR'), `the map gave ${String(error)}`);
      const statuses: string[] = [];
      const again = paths.map((path, index) => ({ path: `${path}-again`, times: index === 2 ? 1 : 0 }));
      for await (const { status } of client.mapOutcomes(fail, again)) statuses.push(status);
      checkEqual(statuses.join(), 'ok,ok,app-error,ok,ok,ok', 'the outcomes');
    },
  },
  {
    id: 'BC-134',
    title: 'law: mapping echo over any values gives these values',
    level: 'client',
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const values = Array.from({ length: 60 }, () => randomPortable(context.random));
      checkSame(await client.map(await context.task('echo'), values as never[]), values, 'the mapped values');
    },
  },
]);

function causes(error: Error): string {
  const texts: string[] = [];
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) texts.push(cause.message);
  return texts.join(' ');
}

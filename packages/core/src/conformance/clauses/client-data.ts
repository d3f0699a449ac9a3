/** Streams, stored objects, actors and progress through the client. */
import type { ActorDefinition, Progress } from '../../client/index.js';
import { AnantError } from '../../error/index.js';
import { CODE_KINDS, defineClauses } from '../clause.js';
import { fileLines, until } from '../deadline.js';
import type { Counter } from '../fixtures.js';
import { checkSame } from '../portable-equality.js';
import { rejection } from '../rejection.js';
import { check, checkEqual } from '../violation.js';

export const clientStreamClauses = defineClauses('streams', [
  {
    id: 'BC-140',
    title: 'reads a stream as an async iterable, every item once and in order',
    level: 'client',
    requires: ['streams'],
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const handle = client.submit(await context.stream<number>('streamCount'), { count: 200 });
      let expected = 0;
      for await (const item of handle.items()) checkEqual(item, expected++, 'an item');
      checkEqual(expected, 200, 'items');
      checkEqual((await handle.outcome()).status, 'ok', 'the outcome');
    },
  },
  {
    id: 'BC-141',
    title: 'ends the producer of a stream that is no longer read',
    level: 'client',
    requires: ['streams', 'cancel.ask'],
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const produced = context.path('produced');
      const handle = client.submit(await context.stream<number>('streamCount'), {
        count: 1_000_000,
        produced,
      });
      for await (const item of handle.items()) if (item === 3) break;
      checkEqual((await handle.outcome()).status, 'cancelled', 'the outcome');
      check(fileLines(produced).length < 1000, `${fileLines(produced).length} items were produced`);
    },
  },
  {
    id: 'BC-142',
    title: 'hands out the items before an error, then throws it',
    level: 'client',
    requires: ['streams'],
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const handle = client.submit(await context.stream<number>('streamCount'), { count: 40, failAt: 25 });
      const seen: number[] = [];
      const error = await rejection(
        (async () => {
          for await (const item of handle.items()) seen.push(item);
        })(),
      );
      check(AnantError.is(error, 'E_APP_ERROR'), `the stream ended with ${String(error)}`);
      checkEqual(seen.length, 25, 'items before the error');
    },
  },
]);

export const clientObjectClauses = defineClauses('objects', [
  {
    id: 'BC-143',
    title: 'puts, hands to tasks, reads and releases an object',
    level: 'client',
    requires: ['objects'],
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const stored = await client.put(new Float64Array([1, 2, 3]));
      const echo = await context.task('echo');
      checkSame(await client.run(echo, { part: stored }), { part: new Float64Array([1, 2, 3]) }, 'the echo');
      checkSame(await stored.get(), new Float64Array([1, 2, 3]), 'the value');
      stored.release();
      stored.release();
      const error = await rejection(
        until(
          () => stored.get().then(() => undefined),
          context.deadlineMs,
          () => 'the end of a released object',
        ),
      );
      check(AnantError.is(error, 'E_OBJECT_LOST'), `a released object gave ${String(error)}`);
    },
  },
  {
    id: 'BC-144',
    title: 'keeps a result by reference and hands it to another task',
    level: 'client',
    requires: ['objects', 'result-by-reference'],
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const large = await context.task<Uint8Array>('returnLarge');
      const digest = await context.task<{ length: number }>('digestBytes');
      const stored = await client.run(large, { bytes: 50_000 }, { output: 'reference' });
      checkEqual((await client.run(digest, { bytes: stored })).length, 50_000, 'the length that arrived');
      stored.release();
    },
  },
]);

export const clientActorClauses = defineClauses('actors', [
  {
    id: 'BC-148',
    title: 'starts, calls and stops an actor',
    level: 'client',
    requires: ['actors'],
    kinds: CODE_KINDS,
    async run(context) {
      const backend = await context.acquire();
      const client = await context.connectTo(backend);
      const reference = context.fixtures.reference(context.kind, 'Counter');
      const definition: ActorDefinition<unknown, Counter> = {
        name: 'Counter',
        workload: 'interactive',
        reference: () => reference,
      };
      const actor = await client.actor(definition, { from: 5 }, { backend: backend.id });
      checkEqual(await actor.call('add', 2).result(), 7, 'the first call');
      checkEqual(await actor.call('read').result(), 7, 'the second call');
      const error = await rejection(actor.call('refuse', 'no').result());
      check(AnantError.is(error, 'E_APP_ERROR'), `a method that throws gave ${String(error)}`);
      await actor.stop();
      const { status } = await actor.call('read').outcome();
      check(status !== 'ok', 'a stopped actor answered');
    },
  },
]);

export const clientProgressClauses = defineClauses('progress', [
  {
    id: 'BC-149',
    title: 'shows progress while the task runs',
    level: 'client',
    requires: ['progress'],
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const release = context.gate();
      const input = { done: 1, total: 4, note: 'a quarter', release };
      const handle = client.submit(await context.task('reportAndWait'), input);
      const seen: Progress[] = [];
      for await (const progress of handle.progress()) {
        seen.push(progress);
        context.release(release);
      }
      checkSame(seen[0], { done: 1, total: 4, note: 'a quarter' }, 'the first report');
      checkEqual((await handle.outcome()).status, 'ok', 'the outcome');
    },
  },
]);

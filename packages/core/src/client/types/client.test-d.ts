import { describe, expectTypeOf, it } from 'vitest';
import type { Outcome } from '../../contract/index.js';
import {
  defineKernelTask,
  definePythonTask,
  defineTask,
  type StandardSchema,
  type TaskInput,
  type TaskOutput,
} from '../../define/index.js';
import type { RouteDecision } from '../../routing/index.js';
import { defineActor } from '../actor/define-actor.js';
import type { ActorDefinition, Client, GraphNode, StoredObject, StreamHandle, TaskHandle } from './index.js';

declare const client: Client;
const module = 'file:///tasks.js';
const add = defineTask({
  module,
  export: 'add',
  run: (input: { a: number; b: number }) => input.a + input.b,
});
const noop = defineTask({ module, export: 'noop', run: () => 'done' });
const later = defineTask({ module, export: 'later', run: async (text: string) => text.length });
const total = defineTask({ module, export: 'total', run: (list: readonly number[]) => list.length });
const count = defineTask({
  module,
  export: 'count',
  run: async function* (input: { to: number }) {
    yield input.to;
  },
});
const degrees = defineKernelTask({
  module: 'file:///k.wasm',
  export: 'degrees',
  parameters: [
    { name: 'offsets', role: 'in', type: 'u32[]' },
    { name: 'degrees', role: 'out', type: 'u32[]', length: { of: 'offsets', plus: -1 } },
  ],
});
declare const text: StandardSchema<string>;
declare const sizes: StandardSchema<number[]>;
const python = definePythonTask({ target: 'pkg.mod:fn', input: text, output: sizes });
const pythonStream = definePythonTask({
  target: 'pkg.mod:gen',
  input: text,
  output: sizes,
  returns: 'stream',
});

describe('submit and run', () => {
  it('infer input and output of every kind of task', () => {
    expectTypeOf(client.submit(add, { a: 1, b: 2 })).toEqualTypeOf<TaskHandle<number>>();
    expectTypeOf(client.run(add, { a: 1, b: 2 })).toEqualTypeOf<Promise<number>>();
    expectTypeOf(client.run(later, 'x')).toEqualTypeOf<Promise<number>>();
    expectTypeOf(client.run(python, 'x')).toEqualTypeOf<Promise<number[]>>();
    expectTypeOf(client.run(degrees, { offsets: new Uint32Array(2) })).toEqualTypeOf<
      Promise<{ degrees: Uint32Array }>
    >();
    expectTypeOf(client.submit(add, { a: 1, b: 2 }).outcome()).toEqualTypeOf<Promise<Outcome<number>>>();
  });

  it('let the input be left out only when the task takes none', () => {
    expectTypeOf(client.run(noop)).toEqualTypeOf<Promise<string>>();
    expectTypeOf(client.run(noop, undefined, { priority: 1 })).toEqualTypeOf<Promise<string>>();
    // @ts-expect-error the input is missing
    client.run(add);
    // @ts-expect-error b is missing
    client.run(add, { a: 1 });
    // @ts-expect-error a is of the wrong type
    client.run(add, { a: 'x', b: 2 });
    // @ts-expect-error no such option
    client.run(add, { a: 1, b: 2 }, { prioritaet: 1 });
  });

  it('give streams items and lists', () => {
    expectTypeOf(client.submit(count, { to: 3 })).toEqualTypeOf<StreamHandle<number>>();
    expectTypeOf(client.submit(count, { to: 3 }).items()).toEqualTypeOf<AsyncIterable<number>>();
    expectTypeOf(client.run(count, { to: 3 })).toEqualTypeOf<Promise<number[]>>();
    expectTypeOf(client.run(pythonStream, 'x')).toEqualTypeOf<Promise<number[][]>>();
    // @ts-expect-error a value has no items
    client.submit(add, { a: 1, b: 2 }).items();
  });

  it('give stored objects by reference', () => {
    const handle = client.submit(add, { a: 1, b: 2 }, { output: 'reference' });
    expectTypeOf(handle).toEqualTypeOf<TaskHandle<StoredObject<number>>>();
    expectTypeOf(handle.result()).toEqualTypeOf<Promise<StoredObject<number>>>();
  });

  it('take handles and stored objects for any part of an input, of the right type', () => {
    const number = client.submit(add, { a: 1, b: 2 });
    const word = client.submit(noop);
    client.run(add, { a: number, b: 1 });
    client.run(total, [number, 1, number]);
    client.run(later, word);
    const stored = client.submit(later, 'x', { output: 'reference' });
    stored.result().then((object) => client.run(add, { a: object, b: 1 }));
    // @ts-expect-error a string cannot stand for a number
    client.run(add, { a: word, b: 1 });
  });
});

describe('definitions', () => {
  it('carry their types, whatever kind they are', () => {
    expectTypeOf<TaskInput<typeof degrees>>().toEqualTypeOf<{ offsets: Uint32Array }>();
    expectTypeOf<TaskOutput<typeof degrees>>().toEqualTypeOf<{ degrees: Uint32Array }>();
    expectTypeOf<TaskInput<typeof python>>().toEqualTypeOf<string>();
    expectTypeOf<TaskOutput<typeof python>>().toEqualTypeOf<number[]>();
    expectTypeOf<TaskOutput<typeof count>>().toEqualTypeOf<number>();
    expectTypeOf(client.explain(python)).toEqualTypeOf<RouteDecision>();
    expectTypeOf(client.explain(degrees, { backend: 'ray' })).toEqualTypeOf<RouteDecision>();
  });
});

describe('map', () => {
  it('infers results from plain and async iterables', () => {
    expectTypeOf(client.map(later, ['a', 'b'])).toEqualTypeOf<Promise<number[]>>();
    expectTypeOf(client.mapStream(later, new Set(['a']))).toEqualTypeOf<AsyncIterable<number>>();
    expectTypeOf(client.mapOutcomes(later, ['a'], { concurrency: 2 })).toEqualTypeOf<
      AsyncIterable<Outcome<number>>
    >();
    // @ts-expect-error numbers are no strings
    client.map(later, [1]);
    // @ts-expect-error streams are not mapped
    client.map(count, [{ to: 1 }]);
  });
});

describe('graph', () => {
  it('turns nodes into results and keeps the shape', () => {
    const handle = client.graph((graph) => {
      const left = graph.add(add, { a: 1, b: 2 });
      const right = graph.add(add, { a: left, b: 2 });
      expectTypeOf(left).toEqualTypeOf<GraphNode<number>>();
      // @ts-expect-error a number cannot stand for a string
      graph.add(later, left);
      return { sum: graph.add(total, [left, right]), both: [left, right], label: 'x' };
    });
    expectTypeOf(handle.results()).resolves.toEqualTypeOf<{ sum: number; both: number[]; label: string }>();
  });
});

describe('objects and actors', () => {
  it('carry the type of the value', () => {
    expectTypeOf(client.put(new Float64Array(2))).resolves.toHaveProperty('get');
    expectTypeOf(client.put([1])).toEqualTypeOf<Promise<StoredObject<number[]>>>();
    const stored = {} as StoredObject<number[]>;
    expectTypeOf(client.get(stored)).toEqualTypeOf<Promise<number[]>>();
    expectTypeOf(client.get(stored.ref)).toEqualTypeOf<Promise<unknown>>();
  });

  it('know the methods of an actor', async () => {
    class Counter {
      constructor(readonly input: { from: number }) {}
      add(step: number): number {
        return step;
      }
      async value(): Promise<string> {
        return '';
      }
    }
    const definition = defineActor({ module, export: 'Counter', class: Counter });
    expectTypeOf(definition).toEqualTypeOf<ActorDefinition<{ from: number }, Counter>>();
    const actor = await client.actor(definition, { from: 1 });
    expectTypeOf(actor.call('add', 1)).toEqualTypeOf<TaskHandle<number>>();
    expectTypeOf(actor.call('value')).toEqualTypeOf<TaskHandle<string>>();
    // @ts-expect-error no such method
    actor.call('nothing');
    // @ts-expect-error wrong input
    actor.call('add', 'x');
    // @ts-expect-error wrong constructor input
    client.actor(definition, {});
  });
});

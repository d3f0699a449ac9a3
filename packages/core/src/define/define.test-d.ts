/** Types flow from the declaration to the call site; nobody writes a type argument. */
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import type { TaskContext } from '../contract/index.js';
import {
  defineKernelTask,
  definePythonTask,
  defineTask,
  type TaskDefinition,
  type TaskInput,
  type TaskOutput,
} from './index.js';

const base = { module: 'file:///tasks.ts', export: 'task' } as const;

describe('defineTask', () => {
  it('takes the input from the first parameter', () => {
    const one = defineTask({ ...base, run: (input: { a: number }) => input.a });
    expectTypeOf(one).toEqualTypeOf<TaskDefinition<{ a: number }, number, 'value'>>();
    const two = defineTask({ ...base, run: (text: string, context: TaskContext) => text + context.attempt });
    expectTypeOf(two).toEqualTypeOf<TaskDefinition<string, string, 'value'>>();
    const list = defineTask({ ...base, run: (items: readonly number[]) => items.length });
    expectTypeOf<TaskInput<typeof list>>().toEqualTypeOf<readonly number[]>();
  });

  it('knows the context without its type being written', () => {
    defineTask({
      ...base,
      run(input: number, context) {
        expectTypeOf(context).toEqualTypeOf<TaskContext>();
        return input;
      },
    });
  });

  it('takes no input from no parameter, and an optional one from an optional parameter', () => {
    const none = defineTask({ ...base, run: () => 'done' });
    expectTypeOf(none).toEqualTypeOf<TaskDefinition<undefined, string, 'value'>>();
    const optional = defineTask({ ...base, run: (size?: number) => size ?? 1 });
    expectTypeOf<TaskInput<typeof optional>>().toEqualTypeOf<number | undefined>();
    const defaulted = defineTask({ ...base, run: (size = 3) => size });
    expectTypeOf<TaskInput<typeof defaulted>>().toEqualTypeOf<number | undefined>();
    const nullable = defineTask({ ...base, run: (size: number | null) => size });
    expectTypeOf<TaskInput<typeof nullable>>().toEqualTypeOf<number | null>();
  });

  it('awaits the result', () => {
    const later = defineTask({ ...base, run: async (text: string) => [text] });
    expectTypeOf<TaskOutput<typeof later>>().toEqualTypeOf<string[]>();
    const maybe = defineTask({ ...base, run: (n: number) => (n > 0 ? Promise.resolve(n) : 'no') });
    expectTypeOf<TaskOutput<typeof maybe>>().toEqualTypeOf<number | 'no'>();
    const list = defineTask({ ...base, run: () => [1, 2] });
    expectTypeOf(list).toEqualTypeOf<TaskDefinition<undefined, number[], 'value'>>();
  });

  it('makes streams of generators, plain and async', () => {
    const plain = defineTask({
      ...base,
      *run(to: number) {
        yield to;
      },
    });
    expectTypeOf(plain).toEqualTypeOf<TaskDefinition<number, number, 'stream'>>();
    const later = defineTask({
      ...base,
      async *run(words: readonly string[]) {
        yield words.length;
        yield 'end' as const;
      },
    });
    expectTypeOf(later).toEqualTypeOf<TaskDefinition<readonly string[], number | 'end', 'stream'>>();
  });

  it('asks what a function returns that might be a generator', () => {
    const lines = (path: string): AsyncIterable<string> => path as never;
    // @ts-expect-error an AsyncIterable may come from a generator function or not: say which
    defineTask({ ...base, run: lines });
    const stream = defineTask({ ...base, returns: 'stream', run: lines });
    expectTypeOf(stream).toEqualTypeOf<TaskDefinition<string, string, 'stream'>>();
    const items = defineTask({ ...base, returns: 'stream', run: (count: number) => new Array<Date>(count) });
    expectTypeOf(items).toEqualTypeOf<TaskDefinition<number, Date, 'stream'>>();
    const value = defineTask({ ...base, returns: 'value', run: () => 1 });
    expectTypeOf(value).toEqualTypeOf<TaskDefinition<undefined, number, 'value'>>();
  });

  it('holds functions that only throw, or return any, for values', () => {
    const throws = defineTask({
      ...base,
      run: () => {
        throw new Error('x');
      },
    });
    expectTypeOf(throws).toEqualTypeOf<TaskDefinition<undefined, never, 'value'>>();
    const anything = defineTask({ ...base, run: (text: string) => JSON.parse(text) });
    expectTypeOf(anything.output).toEqualTypeOf<'value'>();
    expectTypeOf<TaskOutput<typeof anything>>().toBeAny();
  });

  it('refuses a misspelt option and a second parameter that is no context', () => {
    // @ts-expect-error no such option
    defineTask({ ...base, wrokload: 'batch', run: () => 1 });
    // @ts-expect-error no such mode
    defineTask({ ...base, mode: 'fiber', run: () => 1 });
    // @ts-expect-error the second parameter is the context
    defineTask({ ...base, run: (a: number, b: number) => a + b });
  });
});

describe('definePythonTask', () => {
  const text = z.object({ text: z.string(), size: z.number().optional() });

  it('takes both types from the schemas', () => {
    const task = definePythonTask({ target: 'a.b:c', input: text, output: z.array(z.number()) });
    expectTypeOf(task).toEqualTypeOf<
      TaskDefinition<{ text: string; size?: number | undefined }, number[], 'value'>
    >();
    const stream = definePythonTask({
      target: 'a:c',
      input: z.string(),
      output: z.date(),
      returns: 'stream',
    });
    expectTypeOf(stream).toEqualTypeOf<TaskDefinition<string, Date, 'stream'>>();
  });

  it('tells what goes into a schema from what comes out', () => {
    const task = definePythonTask({
      target: 'a:c',
      input: z.object({ size: z.number().default(1) }),
      output: z.string().transform((word) => word.length),
    });
    expectTypeOf<TaskInput<typeof task>>().toEqualTypeOf<{ size?: number | undefined }>();
    expectTypeOf<TaskOutput<typeof task>>().toEqualTypeOf<number>();
  });

  it('refuses a target without a function', () => {
    // @ts-expect-error "package.module:function" is needed
    definePythonTask({ target: 'a.b', input: z.string(), output: z.string() });
  });
});

describe('defineKernelTask', () => {
  it('takes both types from the parameters', () => {
    const task = defineKernelTask({
      module: 'file:///k.wasm',
      export: 'rank',
      parameters: [
        { name: 'offsets', role: 'in', type: 'u32[]' },
        { name: 'damping', role: 'in', type: 'f64' },
        { name: 'ranks', role: 'out', type: 'f64[]', length: { of: 'offsets', plus: -1 } },
        { name: 'space', role: 'scratch', type: 'u8[]', length: 64 },
      ],
      returns: 'i32',
    });
    expectTypeOf(task).toEqualTypeOf<
      TaskDefinition<
        { offsets: Uint32Array; damping: number },
        { ranks: Float64Array; result: number },
        'value'
      >
    >();
  });

  it('has no result without "returns"', () => {
    const task = defineKernelTask({
      module: 'file:///k.wasm',
      export: 'sum',
      parameters: [{ name: 'out', role: 'out', type: 'u16[]', length: 1 }],
    });
    expectTypeOf<TaskOutput<typeof task>>().toEqualTypeOf<{ out: Uint16Array }>();
    expectTypeOf<Record<string, never>>().toExtend<TaskInput<typeof task>>();
  });

  it('refuses a parameter that is none', () => {
    defineKernelTask({
      module: 'file:///k.wasm',
      export: 'sum',
      // @ts-expect-error an out parameter needs a length
      parameters: [{ name: 'out', role: 'out', type: 'u16[]' }],
    });
  });
});

describe('any definition', () => {
  it('is a TaskDefinition<never>', () => {
    const name = (definition: TaskDefinition<never>): string => definition.name;
    name(defineTask({ ...base, run: (input: { a: number }) => input }));
    name(definePythonTask({ target: 'a:b', input: z.string(), output: z.string(), returns: 'stream' }));
    name(defineKernelTask({ module: 'file:///k', export: 'k', parameters: [] }));
  });

  it('of a wider input is one of a narrower input, never the other way round', () => {
    const wide = defineTask({ ...base, run: (input: { a?: number }) => input.a });
    expectTypeOf(wide).toExtend<TaskDefinition<{ a: number }, number | undefined, 'value'>>();
    const narrow = defineTask({ ...base, run: (input: { a: number }) => input.a });
    expectTypeOf(narrow).not.toExtend<TaskDefinition<{ a?: number }, number, 'value'>>();
  });
});

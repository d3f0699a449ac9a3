/** `definePythonTask`: a Python function, by import path. */
import type { PythonReference, Resources } from '../contract/index.js';
import type { InferInput, InferOutput, StandardSchema } from './standard-schema.js';
import type { TaskDefinition, Workload } from './task-definition.js';

export interface PythonTaskOptions<
  In extends StandardSchema,
  Out extends StandardSchema,
  Kind extends 'value' | 'stream',
> {
  /** `package.module:function`; the function takes the input and, if it has a second parameter, the context. */
  readonly target: `${string}:${string}`;
  readonly name?: string;
  /** Checked before submit. Any Standard Schema library fits (zod, valibot, arktype…). */
  readonly input: In;
  /** Checked when the result arrives; for a stream, each item. */
  readonly output: Out;
  /** `stream` when the function is a generator. @default 'value' */
  readonly returns?: Kind;
  readonly workload?: Workload;
  readonly resources?: Resources;
  /** Compared with the worker's `__version__` of the package when given. @default '' (not compared) */
  readonly version?: string;
}

const TARGET = /^[A-Za-z_][\w]*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$/;

/** Declares a Python task. @throws TypeError when `target` is not `package.module:function`. */
export function definePythonTask<
  const In extends StandardSchema,
  const Out extends StandardSchema,
  const Kind extends 'value' | 'stream' = 'value',
>(options: PythonTaskOptions<In, Out, Kind>): TaskDefinition<InferInput<In>, InferOutput<Out>, Kind> {
  if (!TARGET.test(options.target)) {
    throw new TypeError(`A Python task needs a target "package.module:function", not "${options.target}".`);
  }
  const name = options.name ?? options.target;
  const reference: PythonReference = {
    kind: 'python',
    name,
    target: options.target,
    version: options.version ?? '',
  };
  return {
    name,
    output: options.returns ?? 'value',
    workload: options.workload ?? 'data-processing',
    ...(options.resources && { resources: options.resources }),
    inputSchema: options.input,
    outputSchema: options.output,
    reference: () => reference,
  } as unknown as TaskDefinition<InferInput<In>, InferOutput<Out>, Kind>;
}

/** `defineTask`: a TypeScript task, by module reference. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ExecutionMode, Resources, TaskContext, TypeScriptReference } from '../contract/index.js';
import { AnantError } from '../error/index.js';
import type { TaskDefinition, Workload } from './task-definition.js';

export interface TaskOptions<Run> {
  /** `import.meta.url` of the module that exports this definition. */
  readonly module: string;
  /** Name under which the module exports this definition. */
  readonly export: string;
  /** Shown in results and routing. @default the export's name */
  readonly name?: string;
  readonly workload?: Workload;
  /** Where the native backend runs it. @default 'thread' */
  readonly mode?: ExecutionMode;
  readonly resources?: Resources;
  /** Takes one portable value and the context; an async generator makes the task a stream. */
  readonly run: Run;
}

type Runner = (input: never, context: TaskContext) => unknown;
type RunInput<Run> = Run extends () => unknown
  ? undefined
  : Run extends (input: infer Input, ...rest: never[]) => unknown
    ? Input
    : never;
type RunKind<Run> = Run extends (...args: never[]) => AsyncIterable<unknown> ? 'stream' : 'value';
type RunOutput<Run> = Run extends (...args: never[]) => infer Result
  ? Result extends AsyncIterable<infer Item>
    ? Item
    : Awaited<Result>
  : never;

/**
 * Declares a task that runs on every backend. The types of input and output come from `run`.
 * @throws TypeError when `module` is not a file URL.
 */
export function defineTask<const Run extends Runner>(
  options: TaskOptions<Run>,
): TaskDefinition<RunInput<Run>, RunOutput<Run>, RunKind<Run>> {
  if (!options.module.startsWith('file:')) {
    throw new TypeError(
      `defineTask needs a file URL as "module" (import.meta.url), not "${options.module}".`,
    );
  }
  const name = options.name ?? options.export;
  let reference: TypeScriptReference | undefined;
  return {
    name,
    output: isAsyncGenerator(options.run) ? 'stream' : 'value',
    workload: options.workload ?? 'interactive',
    ...(options.mode && { mode: options.mode }),
    ...(options.resources && { resources: options.resources }),
    local: options.run,
    reference() {
      reference ??= {
        kind: 'typescript',
        name,
        module: options.module,
        export: options.export,
        version: moduleVersion(options.module),
      };
      return reference;
    },
  } as unknown as TaskDefinition<RunInput<Run>, RunOutput<Run>, RunKind<Run>>;
}

/** First 16 hex digits of the SHA-256 of a module file. */
export function moduleVersion(moduleUrl: string): string {
  return hashFile(moduleUrl).slice(0, 16);
}

/** SHA-256 of a file, in hex. @throws AnantError `E_TASK_NOT_FOUND` */
export function hashFile(fileUrl: string): string {
  try {
    return createHash('sha256')
      .update(readFileSync(fileURLToPath(fileUrl)))
      .digest('hex');
  } catch (cause) {
    throw new AnantError('E_TASK_NOT_FOUND', `Cannot read the task module ${fileUrl}.`, {
      cause,
      advice: 'Check that the file exists and is readable where the client runs.',
    });
  }
}

const AsyncGeneratorFunction = async function* () {}.constructor;
const isAsyncGenerator = (run: unknown): boolean => run instanceof AsyncGeneratorFunction;

/** `defineTask`: a TypeScript task, by module reference. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ExecutionMode, Resources, TaskContext, TypeScriptReference } from '../contract/index.js';
import { AnantError } from '../error/index.js';
import type { TaskDefinition, Workload } from './task-definition.js';

export interface TaskOptions<Run, Returns extends OutputKind = OutputKind> {
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
  /**
   * `stream` when `run` returns an iterable of items without being a generator function.
   * @default 'stream' for generator functions, plain or async, otherwise 'value'
   */
  readonly returns?: Returns;
  /** Takes one portable value and the context; a generator, plain or async, makes the task a stream. */
  readonly run: Run;
}

type OutputKind = 'value' | 'stream';
type Runner = (input: never, context: TaskContext) => unknown;

/** The first parameter; `undefined` for a function without one. */
type RunInput<Run> = Run extends (...args: infer Parameters) => unknown
  ? Parameters extends readonly []
    ? undefined
    : Parameters[0]
  : never;
type RunResult<Run> = Run extends (...args: never[]) => infer Result ? Result : never;
/** `any` and `never` (a function that only throws) are values: they extend everything. */
type IsSpecific<Result> = 0 extends 1 & Result ? false : [Result] extends [never] ? false : true;
type Generators = Generator<unknown, unknown, never> | AsyncGenerator<unknown, unknown, never>;
type Items<Result> = Result extends AsyncIterable<infer Item> | Iterable<infer Item> ? Item : never;

/** What the definition will be, as the types can tell: the option first, then a generator. */
type RunKind<Run, Returns> = [Returns] extends ['stream']
  ? 'stream'
  : [Returns] extends ['value']
    ? 'value'
    : IsSpecific<RunResult<Run>> extends true
      ? RunResult<Run> extends Generators
        ? 'stream'
        : 'value'
      : 'value';
type RunOutput<Run, Kind> = Kind extends 'stream' ? Items<RunResult<Run>> : Awaited<RunResult<Run>>;

/** A type cannot tell a generator annotated as `AsyncIterable` from another function: then `returns` must. */
type ReturnsHint<Run> =
  IsSpecific<RunResult<Run>> extends true
    ? RunResult<Run> extends Generators
      ? unknown
      : RunResult<Run> extends AsyncIterable<unknown>
        ? { readonly returns: OutputKind }
        : unknown
    : unknown;

/**
 * Declares a task that runs on every backend. The types of input and output come from `run`.
 * @throws TypeError when `module` is not a file URL, or a generator function is declared to return a value.
 */
export function defineTask<const Run extends Runner, const Returns extends OutputKind = OutputKind>(
  options: TaskOptions<Run, Returns> & ReturnsHint<Run>,
): TaskDefinition<RunInput<Run>, RunOutput<Run, RunKind<Run, Returns>>, RunKind<Run, Returns>> {
  checkModule('defineTask', options.module, 'import.meta.url');
  const name = options.name ?? options.export;
  let reference: TypeScriptReference | undefined;
  return {
    name,
    output: outputOf(options),
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
  } as unknown as TaskDefinition<RunInput<Run>, RunOutput<Run, RunKind<Run, Returns>>, RunKind<Run, Returns>>;
}

function outputOf({ run, returns, export: name }: TaskOptions<Runner>): OutputKind {
  if (!isGenerator(run)) return returns ?? 'value';
  if (returns === 'value') {
    throw new TypeError(`The task "${name}" is a generator function, so it returns a stream, not a value.`);
  }
  return 'stream';
}

/** @throws TypeError when a module is not named by a file URL. */
export function checkModule(caller: string, module: string, hint: string): void {
  if (typeof module === 'string' && module.startsWith('file:')) return;
  throw new TypeError(`${caller} needs a file URL as "module" (${hint}), not "${module}".`);
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

const GeneratorFunctions = [function* () {}.constructor, async function* () {}.constructor];
const isGenerator = (run: unknown): boolean =>
  GeneratorFunctions.some((GeneratorFunction) => run instanceof GeneratorFunction);

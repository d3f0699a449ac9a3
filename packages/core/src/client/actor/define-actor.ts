/** Declared actors: a class in TypeScript by module reference, or in Python by import path. */
import type { DefinitionReference } from '../../contract/index.js';
import { moduleVersion, type Workload } from '../../define/index.js';
import type { ActorDefinition } from '../types/index.js';

export interface ActorClassOptions<Class> {
  /** `import.meta.url` of the module that exports the class. */
  readonly module: string;
  /** Name under which the module exports the class. */
  readonly export: string;
  /** The class itself, for its types. Its constructor takes one portable value. */
  readonly class: Class;
  /** @default the export's name */
  readonly name?: string;
  /** @default 'interactive' */
  readonly workload?: Workload;
}

export interface PythonActorOptions {
  /** `package.module:Class`; its constructor takes one value, its methods one or none. */
  readonly target: `${string}:${string}`;
  readonly name?: string;
  /** @default 'interactive' */
  readonly workload?: Workload;
  readonly version?: string;
}

type ActorClass = abstract new (input: never) => object;
type InputOfClass<Class> = Class extends abstract new () => object
  ? undefined
  : Class extends abstract new (
        input: infer Input,
      ) => object
    ? Input
    : never;

/** Declares an actor. Types of its input and methods come from the class. @throws TypeError for a module that is no file URL */
export function defineActor<const Class extends ActorClass>(
  options: ActorClassOptions<Class>,
): ActorDefinition<InputOfClass<Class>, InstanceType<Class>> {
  if (!options.module.startsWith('file:')) {
    throw new TypeError(
      `defineActor needs a file URL as "module" (import.meta.url), not "${options.module}".`,
    );
  }
  const name = options.name ?? options.export;
  let reference: DefinitionReference | undefined;
  return {
    name,
    workload: options.workload ?? 'interactive',
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
  };
}

/** Declares an actor whose class is in Python. */
export function definePythonActor<Methods = Readonly<Record<string, (input: unknown) => unknown>>>(
  options: PythonActorOptions,
): ActorDefinition<unknown, Methods> {
  const name = options.name ?? options.target;
  const reference: DefinitionReference = {
    kind: 'python',
    name,
    target: options.target,
    version: options.version ?? '',
  };
  return { name, workload: options.workload ?? 'interactive', reference: () => reference };
}

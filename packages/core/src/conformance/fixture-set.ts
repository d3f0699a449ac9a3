/** Where the fixture tasks are, and references to them in each kind. */
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type {
  DefinitionKind,
  DefinitionReference,
  KernelParameter,
  KernelSignature,
} from '../contract/index.js';
import {
  defineKernelTask,
  definePythonTask,
  defineTask,
  hashFile,
  type StandardSchema,
  type TaskDefinition,
} from '../define/index.js';
import type * as fixtures from './fixtures.js';

export interface FixtureLocations {
  /** File URL of the compiled `fixtures.ts`. */
  readonly typescript: string;
  /** File URL of the compiled `declared-fixture.ts`. */
  readonly declared: string;
  /** Import path of the Python fixtures. */
  readonly python: string;
  /** File URL of `fixtures.wasm`. */
  readonly kernel: string;
}

type FixtureModule = typeof fixtures;
/** Functions that exist in TypeScript and, in snake_case, in Python. */
export type FixtureName = Exclude<keyof FixtureModule, 'ConformanceError' | 'Counter'>;

function firstThatExists(candidates: readonly string[]): string {
  const urls = candidates.map((candidate) => new URL(candidate, import.meta.url));
  const found = urls.find((url) => existsSync(fileURLToPath(url))) ?? urls[0]!;
  return pathToFileURL(fileURLToPath(found)).href;
}

/** The fixtures that ship with the kit, whether it runs compiled or from source. */
export function shippedFixtures(): FixtureLocations {
  return {
    typescript: firstThatExists(['./fixtures.js', './conformance/fixtures.js', './fixtures.ts']),
    declared: firstThatExists([
      './declared-fixture.js',
      './conformance/declared-fixture.js',
      './declared-fixture.ts',
    ]),
    python: 'anant_bridge.conformance',
    kernel: firstThatExists([
      './fixtures.wasm',
      './conformance/fixtures.wasm',
      '../../dist/conformance/fixtures.wasm',
    ]),
  };
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export const KERNELS = {
  sum: {
    parameters: [{ name: 'values', role: 'in', type: 'f64[]' }],
    returns: 'f64',
  },
  saxpy: {
    parameters: [
      { name: 'scale', role: 'in', type: 'f32' },
      { name: 'x', role: 'in', type: 'f32[]' },
      { name: 'y', role: 'in', type: 'f32[]' },
      { name: 'out', role: 'out', type: 'f32[]', length: { of: 'x' } },
    ],
  },
  scratchSum: {
    parameters: [
      { name: 'length', role: 'in', type: 'u32' },
      { name: 'scratch', role: 'scratch', type: 'i32[]', length: { of: 'length' } },
    ],
    returns: 'i32',
  },
  invert: {
    parameters: [
      { name: 'bytes', role: 'in', type: 'u8[]' },
      { name: 'out', role: 'out', type: 'u8[]', length: { of: 'bytes' } },
    ],
    returns: 'i32',
  },
  trap: { parameters: [] },
} as const satisfies Record<string, KernelSignature>;

export type KernelName = keyof typeof KERNELS;

const anything: StandardSchema = {
  '~standard': { version: 1, vendor: 'anant', validate: (value) => ({ value }) },
};

export class FixtureSet {
  #module: FixtureModule | undefined;
  readonly #hashes = new Map<string, string>();

  constructor(readonly locations: FixtureLocations = shippedFixtures()) {}

  reference(kind: DefinitionKind, name: FixtureName | 'Counter'): DefinitionReference {
    if (kind === 'python') {
      const target = `${this.locations.python}:${name === 'Counter' ? name : snakeCase(name)}`;
      return { kind, name: target, target, version: '' };
    }
    return this.#typescript(this.locations.typescript, name);
  }

  /** A TypeScript fixture that was declared with `defineTask`. */
  declared(): DefinitionReference {
    return this.#typescript(this.locations.declared, 'declaredAdd');
  }

  kernel(name: KernelName): DefinitionReference {
    const module = this.locations.kernel;
    const { parameters, ...rest } = KERNELS[name] as KernelSignature;
    return {
      kind: 'kernel',
      name,
      module,
      export: name,
      version: this.#hashOf(module),
      signature: { parameters: parameters as readonly KernelParameter[], ...rest },
    };
  }

  /** The same as a definition for the client. Output is typed by the caller: the fixtures are known. */
  async definition<Output = unknown>(
    kind: DefinitionKind,
    name: FixtureName,
  ): Promise<TaskDefinition<unknown, Output, 'value'>> {
    if (kind === 'python') {
      const target = `${this.locations.python}:${snakeCase(name)}` as `${string}:${string}`;
      return definePythonTask({ target, input: anything, output: anything }) as never;
    }
    return defineTask({
      module: this.locations.typescript,
      export: name,
      run: (await this.#load())[name] as () => unknown,
    }) as never;
  }

  async streamDefinition<Output = unknown>(
    kind: DefinitionKind,
    name: FixtureName,
  ): Promise<TaskDefinition<unknown, Output, 'stream'>> {
    if (kind === 'python') {
      const target = `${this.locations.python}:${snakeCase(name)}` as `${string}:${string}`;
      return definePythonTask({ target, input: anything, output: anything, returns: 'stream' }) as never;
    }
    return (await this.definition(kind, name)) as never;
  }

  kernelDefinition(name: KernelName): TaskDefinition<unknown, unknown, 'value'> {
    const signature: KernelSignature = KERNELS[name];
    return defineKernelTask({ module: this.locations.kernel, export: name, ...signature }) as never;
  }

  #typescript(module: string, name: string): DefinitionReference {
    return { kind: 'typescript', name, module, export: name, version: this.#hashOf(module).slice(0, 16) };
  }

  #hashOf(module: string): string {
    let hash = this.#hashes.get(module);
    if (hash === undefined) {
      hash = hashFile(module);
      this.#hashes.set(module, hash);
    }
    return hash;
  }

  async #load(): Promise<FixtureModule> {
    this.#module ??= (await import(this.locations.typescript)) as FixtureModule;
    return this.#module;
  }
}

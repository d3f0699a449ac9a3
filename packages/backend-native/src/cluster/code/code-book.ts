/** What a driver offers of its tasks' code: only what it has submitted, bundled when a worker asks for the first time. */
import { AnantError, type DefinitionReference, hashFile } from '@anant/core';
import { type EncodedValue, encodeValue } from '@anant/core/codec';
import { LRUCache } from 'lru-cache';
import { TEMPLATES_MAX } from '../limits.js';
import { BUNDLE_BYTES_MAX, bytesOf, type CodeBundle, digestOf } from './code-bundle.js';
import { importClosure } from './import-closure.js';

/** Definitions that are code in a file. */
export type CodeReference = Extract<DefinitionReference, { readonly module: string }>;

export const isCode = (definition: DefinitionReference): definition is CodeReference =>
  definition.kind === 'typescript' || definition.kind === 'kernel';

/** Asks a driver for the digest of the bundle of a module. */
export const offerId = ({ version, module }: CodeReference): string => `code:${version}:${module}`;
/** Asks a driver for a bundle. */
export const bundleId = (digest: string): string => `bundle:${digest}`;

/** The answer to the first question. */
export type CodeOffer =
  | { readonly digest: string; readonly bytes: number }
  | { readonly code: string; readonly message: string };

/** Bytes of bundles a driver keeps; one that went is made again when it is asked for. */
const KEPT_BYTES_MAX = 4 * BUNDLE_BYTES_MAX;

interface Made {
  readonly digest: string;
  readonly bundle: CodeBundle;
}

export class CodeBook {
  readonly #offered = new Map<string, CodeReference>();
  readonly #made = new LRUCache<string, Made>({
    maxSize: KEPT_BYTES_MAX,
    sizeCalculation: ({ bundle }) => Math.max(1, bytesOf(bundle)),
  });

  /** The definition was submitted: workers may ask for it. */
  offer(definition: DefinitionReference): void {
    if (isCode(definition) && this.#offered.size < TEMPLATES_MAX) {
      this.#offered.set(offerId(definition), definition);
    }
  }

  /** What a worker asks for; `undefined` when this is neither an offer nor a bundle of this driver. */
  encoded(id: string): EncodedValue | undefined {
    const reference = this.#offered.get(id);
    if (reference !== undefined) return encodeValue(this.#answer(id, reference), 'offer');
    for (const { digest, bundle } of this.#made.values()) {
      if (bundleId(digest) === id) return encodeValue(bundle, 'bundle');
    }
    return undefined;
  }

  #answer(id: string, reference: CodeReference): CodeOffer {
    try {
      const known = this.#made.get(id) ?? make(reference);
      this.#made.set(id, known);
      return { digest: known.digest, bytes: bytesOf(known.bundle) };
    } catch (thrown) {
      if (!AnantError.is(thrown)) throw thrown;
      return { code: thrown.code, message: thrown.message };
    }
  }
}

/** @throws AnantError when the module is not what was submitted, or cannot be bundled */
function make(reference: CodeReference): Made {
  const { kind, module, version } = reference;
  const got = hashFile(module).slice(0, version.length);
  if (got !== version) {
    throw new AnantError(
      'E_TASK_VERSION',
      `The module ${module} is version ${got} where the client runs; version ${version} was submitted.`,
    );
  }
  const bundle = kind === 'kernel' ? kernelBundle(module) : importClosure(module);
  return { digest: digestOf(bundle), bundle };
}

function kernelBundle(module: string): CodeBundle {
  const { entry, files } = importClosure(module);
  return { entry, files: { [entry]: files[entry]! } };
}

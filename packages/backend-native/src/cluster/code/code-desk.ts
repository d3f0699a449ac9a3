/** Finds the code of a task on this worker: by its path, in the cache of bundles, or at its driver, checked by its digest. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AnantError, type DefinitionReference, type ErrorCode } from '@anant/core';
import { decodeValue, type EncodedValue } from '@anant/core/codec';
import type { BundleCache } from './bundle-cache.js';
import { bundleId, type CodeOffer, type CodeReference, isCode, offerId } from './code-book.js';
import { bytesOf, checkBundle, digestOf } from './code-bundle.js';

/** `auto`: the file where the reference says, if it is there and the same; else the bundle. */
export type CodeMode = 'auto' | 'reference' | 'bundle';

/** A bundle in use, for people. */
export interface BundleInUse {
  /** Task and version. */
  readonly name: string;
  readonly digest: string;
  readonly bytes: number;
}

/** Bundles that are told to the head; the newest. */
export const BUNDLES_SHOWN_MAX = 16;
/** Definitions whose code was looked up; beyond it the oldest is looked up again. */
const FOUND_MAX = 4096;

interface FoundCode {
  readonly definition: DefinitionReference;
  /** Of the bundle it is in, if any. */
  readonly digest: string | undefined;
}

export class CodeDesk {
  readonly #cache: BundleCache;
  readonly #found = new Map<string, FoundCode>();
  readonly #coming = new Map<string, Promise<DefinitionReference>>();
  readonly #bundles = new Map<string, BundleInUse>();
  /** Bundles that came over the network since this worker began. */
  shipped = 0;

  constructor(cache: BundleCache) {
    this.#cache = cache;
  }

  /** The bundles in use, the newest last. */
  get bundles(): readonly BundleInUse[] {
    return [...this.#bundles.values()].slice(-BUNDLES_SHOWN_MAX);
  }

  /** The definition as it runs here, if that is known without asking anybody. */
  ready(definition: DefinitionReference, mode: CodeMode): DefinitionReference | undefined {
    if (!isCode(definition) || mode === 'reference') return definition;
    const key = keyOf(definition, mode);
    const found = this.#found.get(key);
    if (found !== undefined) {
      if (found.digest === undefined || this.#cache.isKept(found.digest)) return found.definition;
      this.#found.delete(key);
    }
    if (mode === 'auto' && isHere(definition)) return this.#remember(key, { definition, digest: undefined });
    return undefined;
  }

  /**
   * Brings the code here. @param fetch asks the driver of the task
   * @throws AnantError `E_TASK_NOT_FOUND`, `E_TASK_VERSION`, or why it could not be fetched
   */
  async bring(
    definition: DefinitionReference,
    mode: CodeMode,
    fetch: (id: string) => Promise<EncodedValue>,
  ): Promise<DefinitionReference> {
    const key = keyOf(definition as CodeReference, mode);
    const coming = this.#coming.get(key) ?? this.#bring(key, definition as CodeReference, fetch);
    this.#coming.set(key, coming);
    return await coming.finally(() => this.#coming.delete(key));
  }

  async #bring(
    key: string,
    definition: CodeReference,
    fetch: (id: string) => Promise<EncodedValue>,
  ): Promise<DefinitionReference> {
    const offer = decode(await fetch(offerId(definition)).catch(notOffered(definition))) as CodeOffer;
    if ('code' in offer) throw new AnantError(offer.code as ErrorCode, offer.message);
    const { digest, bytes } = offer;
    const entry = this.#cache.find(digest) ?? (await this.#ship(definition, digest, fetch));
    const { name, version } = definition;
    this.#bundles.delete(digest);
    this.#bundles.set(digest, { name: `${name}@${version.slice(0, 16)}`, digest, bytes });
    if (this.#bundles.size > FOUND_MAX) this.#bundles.delete(this.#bundles.keys().next().value!);
    const here = { ...definition, module: pathToFileURL(entry).href };
    return this.#remember(key, { definition: here, digest });
  }

  async #ship(
    { name }: CodeReference,
    digest: string,
    fetch: (id: string) => Promise<EncodedValue>,
  ): Promise<string> {
    const bundle = checkBundle(decode(await fetch(bundleId(digest))));
    this.shipped += 1;
    const got = digestOf(bundle);
    if (got === digest) return this.#cache.keep(digest, bundle);
    throw new AnantError(
      'E_TASK_VERSION',
      `The code of task "${name}" came as ${got} (${bytesOf(bundle)} bytes); ${digest} was offered.`,
      { advice: 'Submit it again; the bundle was damaged or changed on its way.' },
    );
  }

  #remember(key: string, found: FoundCode): DefinitionReference {
    this.#found.set(key, found);
    if (this.#found.size > FOUND_MAX) this.#found.delete(this.#found.keys().next().value!);
    return found.definition;
  }
}

const keyOf = (definition: CodeReference, mode: CodeMode): string => mode + JSON.stringify(definition);
const decode = ({ body, buffers }: EncodedValue): unknown => decodeValue(body, buffers);

function isHere({ module, version }: CodeReference): boolean {
  try {
    const content = readFileSync(fileURLToPath(module));
    return createHash('sha256').update(content).digest('hex').startsWith(version);
  } catch {
    return false;
  }
}

const notOffered =
  ({ name, module }: CodeReference) =>
  (cause: unknown): never => {
    throw new AnantError(
      'E_TASK_NOT_FOUND',
      `The module ${module} of task "${name}" is not on this worker, and its driver did not send it: ${(cause as Error).message}`,
      { cause, advice: 'Make the same file available at the same path on every worker.' },
    );
  };

/** Where backends come from: an instance is used once, a function makes a new one for each start. */
import { BACKEND_SPEC, type BackendV1, type CapabilityManifest } from '../../contract/index.js';
import { AnantError } from '../../error/index.js';
import type { BackendSource } from '../types/index.js';

export class SourcedBackend {
  readonly #id: string;
  readonly #source: BackendSource;
  #instance: BackendV1 | undefined;
  #isSpent = false;
  #loadError: AnantError | undefined;

  /** @throws AnantError `E_BACKEND_SPEC`, `E_CONFIG_INVALID` for an instance that cannot be used. */
  constructor(id: string, source: BackendSource) {
    this.#id = id;
    this.#source = source;
    if (typeof source !== 'function') {
      checkBackend(id, source);
      this.#instance = source;
    }
  }

  /** False when it was an instance and that has been started. */
  get canStart(): boolean {
    return !this.#isSpent;
  }

  /** True when a backend that is used up can be followed by another one. */
  get canRemake(): boolean {
    return typeof this.#source === 'function';
  }

  /** Why the function could not make a backend. */
  get loadError(): AnantError | undefined {
    return this.#loadError;
  }

  /** What it can do; makes the backend when need be. `undefined` when that fails, see `loadError`. */
  get manifest(): CapabilityManifest | undefined {
    return this.load()?.manifest;
  }

  /** The backend for the next start, or the one that runs. */
  load(): BackendV1 | undefined {
    if (this.#instance !== undefined || typeof this.#source !== 'function') return this.#instance;
    try {
      const made = this.#source();
      checkBackend(this.#id, made);
      this.#instance = made;
      this.#loadError = undefined;
    } catch (cause) {
      this.#loadError = AnantError.is(cause)
        ? cause
        : new AnantError(
            'E_BACKEND_UNAVAILABLE',
            `Backend "${this.#id}" could not be made: ${messageOf(cause)}`,
            {
              cause,
            },
          );
    }
    return this.#instance;
  }

  /** The instance was used up: a function makes a new one next time, an instance is spent. */
  discard(): void {
    if (typeof this.#source === 'function') this.#instance = undefined;
    else this.#isSpent = true;
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function checkBackend(id: string, backend: BackendV1): void {
  const spec: unknown = backend?.spec;
  if (spec !== BACKEND_SPEC) {
    throw new AnantError(
      'E_BACKEND_SPEC',
      `Backend "${id}" speaks ${spec === undefined ? 'no contract' : `"${String(spec)}"`}, this @anant/core speaks "${BACKEND_SPEC}".`,
      {
        advice: `Install versions that belong together: npm install @anant/core@latest @anant/backend-${id}@latest`,
        details: { backend: id, expected: BACKEND_SPEC, got: spec },
      },
    );
  }
  if (backend.id !== id) {
    throw new AnantError('E_CONFIG_INVALID', `The backend named "${id}" calls itself "${backend.id}".`, {
      advice: `Name it "${backend.id}" in "backends", or make it with the id "${id}".`,
      details: { path: `backends.${id}`, expected: id, got: backend.id },
    });
  }
}

/** The threads: piscina makes, ends and replaces them. Made when the first task or actor needs one. */
import { createRequire } from 'node:module';
import { Piscina } from 'piscina';
import { within } from '../within.js';

export interface ThreadPoolOptions {
  readonly threadsMax: number;
  readonly memoryBytesMax: number;
}

/** How long piscina keeps a thread without a session. */
const THREAD_IDLE_MS = 30_000;

/** Longest wait for threads that were told to end. */
const EXIT_MS_MAX = 2_000;

/** Path of the program that threads run. */
export const threadMainPath = (): string =>
  createRequire(import.meta.url).resolve('@anant/backend-native/thread-main');

export class ThreadPool {
  readonly #options: ThreadPoolOptions;
  #pool: Piscina | undefined;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
  }

  get(): Piscina {
    this.#pool ??= this.#make();
    return this.#pool;
  }

  async destroy(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    // A thread inside a native call ends when that returns; nobody waits for it.
    if (pool) await within(pool.destroy(), EXIT_MS_MAX);
  }

  #make(): Piscina {
    const { threadsMax, memoryBytesMax } = this.#options;
    const pool = new Piscina({
      filename: threadMainPath(),
      minThreads: 0,
      maxThreads: threadsMax,
      maxQueue: threadsMax,
      concurrentTasksPerWorker: 1,
      idleTimeout: THREAD_IDLE_MS,
      // Sessions have a port of their own; piscina's waiting would stop a thread's event loop.
      atomics: 'disabled',
      recordTiming: false,
      resourceLimits: { maxOldGenerationSizeMb: Math.ceil(memoryBytesMax / 2 ** 20) },
    });
    // A thread that dies between two sessions is replaced by the next one.
    pool.on('error', () => {});
    return pool;
  }
}

/** Runs kernels on the threads of the slots: loads them, and keeps modules with state apart on one memory. */
import type { KernelFunction, KernelMemory, KernelReference } from '@anant/core';
import type { Attempt } from '../attempt.js';
import type { AttemptLedger } from '../attempt-ledger.js';
import { refusedBy } from '../outcomes.js';
import { KernelCache } from './kernel-cache.js';
import { KernelWork } from './kernel-work.js';
import { PrivateMemories } from './private-memories.js';

export interface KernelExecutorOptions {
  readonly slots: number;
  readonly payloadBytesMax: number;
  readonly ledger: AttemptLedger;
  /** Hands a kernel to the threads. */
  readonly run: (attempt: Attempt, target: KernelFunction, version: string, work: KernelWork) => void;
}

export class KernelExecutor {
  readonly #options: KernelExecutorOptions;
  readonly #cache = new KernelCache();
  readonly #memories: PrivateMemories;
  /** Attempts that wait for their module, or for a memory on which a module with state runs. */
  readonly #waiting = new Set<Attempt>();
  readonly #turns = new Map<KernelMemory, (() => void)[]>();
  readonly #holds = new Map<Attempt, KernelMemory>();

  constructor(options: KernelExecutorOptions) {
    this.#options = options;
    this.#memories = new PrivateMemories(options.slots);
  }

  submit(attempt: Attempt, input: unknown): void {
    const reference = attempt.envelope.definition as KernelReference;
    const known = this.#cache.known(reference);
    if (known) {
      this.#enter(attempt, known, reference.version, input);
      return;
    }
    this.#waiting.add(attempt);
    this.#cache.load(reference).then(
      (target) => {
        if (this.#waiting.delete(attempt)) this.#enter(attempt, target, reference.version, input);
      },
      (thrown) => {
        if (this.#waiting.delete(attempt)) this.#options.ledger.end(attempt, refusedBy(thrown));
      },
    );
  }

  /** Takes back an attempt that has not reached the threads; the caller ends it. @returns whether it did. */
  takeBack(attempt: Attempt): boolean {
    return this.#waiting.delete(attempt);
  }

  /** Says that an attempt no longer runs on its memory. */
  leave(attempt: Attempt): void {
    const memory = this.#holds.get(attempt);
    if (!memory) return;
    this.#holds.delete(attempt);
    const next = this.#turns.get(memory)?.shift();
    if (next) next();
    else this.#turns.delete(memory);
  }

  stop(): void {
    this.#waiting.clear();
    this.#turns.clear();
    this.#memories.clear();
  }

  #enter(attempt: Attempt, target: KernelFunction, version: string, input: unknown): void {
    let work: KernelWork;
    try {
      work = new KernelWork(target, input, this.#memories, this.#options.payloadBytesMax);
    } catch (thrown) {
      this.#options.ledger.end(attempt, refusedBy(thrown));
      return;
    }
    if (!work.memory || !target.kernel.isStateful) {
      this.#options.run(attempt, target, version, work);
      return;
    }
    this.#takeTurn(attempt, work.memory, () => this.#options.run(attempt, target, version, work));
  }

  /** A module with data or variables of its own runs alone on a memory, or its calls would share them. */
  #takeTurn(attempt: Attempt, memory: KernelMemory, run: () => void): void {
    const turns = this.#turns.get(memory);
    if (!turns) {
      this.#turns.set(memory, []);
      this.#holds.set(attempt, memory);
      run();
      return;
    }
    this.#waiting.add(attempt);
    turns.push(() => {
      if (this.#waiting.delete(attempt)) {
        this.#holds.set(attempt, memory);
        run();
      } else {
        this.#skip(memory);
      }
    });
  }

  #skip(memory: KernelMemory): void {
    const next = this.#turns.get(memory)?.shift();
    if (next) next();
    else this.#turns.delete(memory);
  }
}

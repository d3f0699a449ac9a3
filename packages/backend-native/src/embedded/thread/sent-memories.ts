/**
 * The memories that a slot's thread knows, by number: a memory that comes with every message would be another object to
 * the thread each time, with another instance of the kernels. Nothing here keeps a memory alive, and the thread is told
 * when one is gone.
 */
import type { WasmMemory } from '@anant/core';
import type { ToThread } from './messages.js';

/** Memories that a thread knows at once; the least recently used is forgotten, and sent anew when it is used. */
export const SENT_MEMORIES_MAX = 16;

export class SentMemories {
  readonly #post: (message: ToThread) => void;
  readonly #numbers = new WeakMap<WasmMemory, number>();
  /** Numbers that the thread knows, the least recently used first. */
  readonly #known = new Set<number>();
  readonly #gone = new FinalizationRegistry<number>((number) => this.#forget(number));
  /** Numbers are never used again, so that what is said of an old one does no harm. */
  #next = 0;

  constructor(post: (message: ToThread) => void) {
    this.#post = post;
  }

  /** The number of a memory, which the thread knows from now on. */
  numberOf(memory: WasmMemory): number {
    const number = this.#numbers.get(memory) ?? this.#register(memory);
    if (!this.#known.delete(number)) this.#post({ kind: 'memory', number, memory });
    this.#known.add(number);
    if (this.#known.size > SENT_MEMORIES_MAX) this.#forget(this.#known.values().next().value as number);
    return number;
  }

  /** The next thread knows nothing. */
  clear(): void {
    this.#known.clear();
  }

  #register(memory: WasmMemory): number {
    const number = this.#next;
    this.#next += 1;
    this.#numbers.set(memory, number);
    this.#gone.register(memory, number);
    return number;
  }

  #forget(number: number): void {
    if (this.#known.delete(number)) this.#post({ kind: 'forget-memory', number });
  }
}

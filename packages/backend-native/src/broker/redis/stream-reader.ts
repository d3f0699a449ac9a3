/** Reads one Redis stream: at once when it is rung for, and now and then in case a ring was missed. */
import type { Clock } from '@anant/core';
import { decodeFrame, type Frame } from '../frame.js';

export interface Entry {
  readonly id: string;
  readonly frame: Frame;
  /** By the clock of Redis. */
  readonly ageMs: number;
}

/** Entries of one reading, oldest first: id, frame and age. */
export type ReadEntries = () => Promise<readonly (readonly Buffer[])[]>;

/** A ring that was missed costs this much at most. */
const LOOK_MS = 250;

export class StreamReader {
  readonly #read: ReadEntries;
  readonly #onEntry: (entry: Entry) => void;
  readonly #onProblem: (error: unknown) => void;
  readonly #clock: Clock;
  #cancelLook: (() => void) | undefined;
  #state: 'idle' | 'reading' | 'rung' | 'closed' = 'idle';

  constructor(
    clock: Clock,
    read: ReadEntries,
    onEntry: (entry: Entry) => void,
    onProblem: (error: unknown) => void,
  ) {
    this.#clock = clock;
    this.#read = read;
    this.#onEntry = onEntry;
    this.#onProblem = onProblem;
    this.ring();
  }

  ring(): void {
    if (this.#state === 'reading') this.#state = 'rung';
    if (this.#state === 'idle') void this.#run();
  }

  close(): void {
    this.#state = 'closed';
    this.#cancelLook?.();
  }

  async #run(): Promise<void> {
    this.#cancelLook?.();
    this.#state = 'reading';
    try {
      for (;;) {
        const entries = await this.#read();
        if (this.#is('closed')) return;
        for (const entry of entries) this.#pass(entry);
        if (entries.length > 0) continue;
        if (!this.#is('rung')) break;
        this.#state = 'reading';
      }
    } catch (error) {
      this.#onProblem(error);
    }
    if (this.#is('closed')) return;
    this.#state = 'idle';
    this.#cancelLook = this.#clock.schedule(LOOK_MS, () => this.ring());
  }

  /** The state may change during a wait, which the type checker cannot see. */
  #is(state: 'rung' | 'closed'): boolean {
    return this.#state === state;
  }

  #pass([id, bytes, age]: readonly Buffer[]): void {
    try {
      this.#onEntry({ id: id!.toString(), frame: decodeFrame(bytes!), ageMs: Number(age!.toString()) });
    } catch (error) {
      this.#onProblem(error);
    }
  }
}

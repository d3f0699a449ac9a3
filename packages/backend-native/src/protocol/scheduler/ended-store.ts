/**
 * What is remembered of tasks that ended, the oldest first: columns in blocks, so that two hundred thousand of them are
 * no objects for the collection of garbage to look at, which held the head up for some milliseconds a few times a second.
 */
import type { AttemptOutcome, TaskId } from '@anant/core';
import type { FencingToken } from '../fencing-token.js';
import { type DigestMark, markText } from './digest-mark.js';
import type { SessionEntry } from './entries.js';

export interface EndedTask {
  readonly state: 'ended';
  readonly id: TaskId;
  readonly attempt: number;
  /** Of its digest, as `digestMark` makes it. */
  readonly mark: string;
  readonly session: SessionEntry;
  /** Its number among the ends of the session. */
  readonly endSequence: number;
  readonly endedMs: number;
  readonly status: AttemptOutcome['status'];
  /** Its worker said so. */
  readonly isReported: boolean;
  readonly token: FencingToken | undefined;
}

type Fact = Omit<EndedTask, 'state' | 'mark'> & { readonly mark: DigestMark };

/** A power of two. */
const BLOCK = 4096;
const LAST = BLOCK - 1;
const STATUSES = ['ok', 'ok-reference', 'app-error', 'cancelled', 'lost', 'unknown', 'refused'] as const;
const IS_REPORTED = 1;
const IS_FORGOTTEN = 2;

class Block {
  readonly ids = new Array<TaskId | undefined>(BLOCK);
  readonly sessions = new Array<SessionEntry | undefined>(BLOCK);
  readonly attempts = new Float64Array(BLOCK);
  readonly marks = new Int32Array(2 * BLOCK);
  readonly sequences = new Float64Array(BLOCK);
  readonly endedMs = new Float64Array(BLOCK);
  readonly statuses = new Uint8Array(BLOCK);
  readonly flags = new Uint8Array(BLOCK);
  /** Of the token; epochs begin at 1. */
  readonly epochs = new Float64Array(BLOCK);
  readonly counters = new Float64Array(BLOCK);
}

export class EndedStore {
  #blocks: Block[] = [];
  /** Numbers of the first block's first place, of the oldest that is remembered, and of the next one. */
  #base = 0;
  #first = 0;
  #next = 0;

  /** Of the oldest; equal to `end` when there is none. */
  get first(): number {
    return this.#first;
  }

  get end(): number {
    return this.#next;
  }

  /** @returns the number by which it is found */
  add(fact: Fact): number {
    const number = this.#next;
    this.#next += 1;
    if (number - this.#base === this.#blocks.length * BLOCK) this.#blocks.push(new Block());
    const block = this.#blocks.at(-1)!;
    const at = (number - this.#base) & LAST;
    block.ids[at] = fact.id;
    block.sessions[at] = fact.session;
    block.attempts[at] = fact.attempt;
    block.marks[2 * at] = fact.mark.high;
    block.marks[2 * at + 1] = fact.mark.low;
    block.sequences[at] = fact.endSequence;
    block.endedMs[at] = fact.endedMs;
    block.statuses[at] = STATUSES.indexOf(fact.status);
    block.flags[at] = fact.isReported ? IS_REPORTED : 0;
    block.epochs[at] = fact.token?.epoch ?? 0;
    block.counters[at] = fact.token?.counter ?? 0;
    return number;
  }

  get(number: number): EndedTask {
    const { block, at } = this.#place(number);
    const epoch = block.epochs[at]!;
    return {
      state: 'ended',
      id: block.ids[at]!,
      attempt: block.attempts[at]!,
      mark: markText(block.marks[2 * at]!, block.marks[2 * at + 1]!),
      session: block.sessions[at]!,
      endSequence: block.sequences[at]!,
      endedMs: block.endedMs[at]!,
      status: STATUSES[block.statuses[at]!]!,
      isReported: (block.flags[at]! & IS_REPORTED) !== 0,
      token: epoch === 0 ? undefined : { epoch, counter: block.counters[at]! },
    };
  }

  idAt(number: number): TaskId {
    const { block, at } = this.#place(number);
    return block.ids[at]!;
  }

  endedMsAt(number: number): number {
    const { block, at } = this.#place(number);
    return block.endedMs[at]!;
  }

  isForgotten(number: number): boolean {
    const { block, at } = this.#place(number);
    return (block.flags[at]! & IS_FORGOTTEN) !== 0;
  }

  /** Before its time: its place stays until it is the oldest. */
  forget(number: number): void {
    const { block, at } = this.#place(number);
    block.flags[at]! |= IS_FORGOTTEN;
  }

  /** The oldest is forgotten. */
  shift(): void {
    const { block, at } = this.#place(this.#first);
    block.ids[at] = undefined;
    block.sessions[at] = undefined;
    this.#first += 1;
    if (this.#first - this.#base < BLOCK) return;
    this.#blocks.shift();
    this.#base += BLOCK;
  }

  #place(number: number): { readonly block: Block; readonly at: number } {
    const place = number - this.#base;
    return { block: this.#blocks[Math.floor(place / BLOCK)]!, at: place & LAST };
  }
}

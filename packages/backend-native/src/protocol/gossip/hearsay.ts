/**
 * Accusations by others that are not believed yet: the accused is asked first. What an accused member answers to dies here,
 * so that a lie costs one question at each of those it was told to, and no epidemic.
 */
import { type Agenda, HEARSAY } from './agenda.js';
import type { AccusationUpdate, MemberIndex } from './types.js';

/** Accused members asked at once; an accusation beyond is dropped, the accuser repeats what is true. */
const ASKED_MAX = 64;

export interface Rumour {
  readonly update: AccusationUpdate;
  readonly deadlineMs: number;
  /** How often its subject was asked. */
  readonly asked: number;
}

export class Hearsay {
  readonly #rumours = new Map<MemberIndex, Rumour>();
  readonly #agenda: Agenda;

  constructor(agenda: Agenda) {
    this.#agenda = agenda;
  }

  /** Whether the accused is to be asked: nobody does so already, and there is room. */
  isWanted(subject: MemberIndex): boolean {
    return this.#rumours.size < ASKED_MAX && !this.#rumours.has(subject);
  }

  add(rumour: Rumour): void {
    this.#rumours.set(rumour.update.subject, rumour);
    this.#agenda[HEARSAY] = Math.min(this.#agenda[HEARSAY]!, rumour.deadlineMs);
  }

  /** The accused answered, left, or was suspected on better grounds. @returns the accusation */
  drop(subject: MemberIndex): AccusationUpdate | undefined {
    if (this.#agenda[HEARSAY] === Number.POSITIVE_INFINITY) return undefined;
    const rumour = this.#rumours.get(subject);
    if (rumour === undefined) return undefined;
    this.#rumours.delete(subject);
    this.#findNext();
    return rumour.update;
  }

  /** Accusations whose subjects did not answer in time. */
  takeDue(nowMs: number): readonly Rumour[] {
    if (nowMs < this.#agenda[HEARSAY]!) return [];
    const due = [...this.#rumours.values()].filter(({ deadlineMs }) => deadlineMs <= nowMs);
    for (const { update } of due) this.#rumours.delete(update.subject);
    this.#findNext();
    return due;
  }

  /** This process stood still: the accused get the time back. */
  shift(byMs: number): void {
    for (const [subject, rumour] of this.#rumours)
      this.#rumours.set(subject, { ...rumour, deadlineMs: rumour.deadlineMs + byMs });
    this.#findNext();
  }

  #findNext(): void {
    let next = Number.POSITIVE_INFINITY;
    for (const { deadlineMs } of this.#rumours.values()) next = Math.min(next, deadlineMs);
    this.#agenda[HEARSAY] = next;
  }
}

/** Who gets a frame at a hub: sessions, the subjects they joined, and turns. No sockets here. */
import { AnantError } from '@anant/core';
import { type Frame, NO_BYTES } from './frame.js';
import { SESSIONS_MAX, SUBJECTS_MAX } from './limits.js';
import type { Membership } from './transport.js';

export interface Delivery {
  readonly session: string;
  readonly frame: Frame;
}

/** Endpoints are 128 random bits in hexadecimal; a hub takes no other names. */
export const isEndpoint = (name: string): boolean => /^[0-9a-f]{32}$/.test(name);

interface Members {
  readonly sessions: string[];
  turn: number;
}

export class HubRouting {
  readonly #sessions = new Map<string, Set<string>>();
  readonly #members = new Map<string, Members>();
  #undelivered = 0;

  /** Frames that nobody was there for. */
  get undelivered(): number {
    return this.#undelivered;
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** @throws AnantError `E_QUEUE_FULL` when the hub has its most sessions. */
  add(session: string): void {
    if (this.#sessions.has(session)) return;
    if (this.#sessions.size >= SESSIONS_MAX)
      throw new AnantError('E_QUEUE_FULL', `The hub has ${SESSIONS_MAX} sessions.`, { retryable: true });
    this.#sessions.set(session, new Set());
  }

  has(session: string): boolean {
    return this.#sessions.has(session);
  }

  remove(session: string): void {
    for (const key of this.#sessions.get(session) ?? []) this.#drop(session, key);
    this.#sessions.delete(session);
  }

  /** A frame from a session: who gets what. The sender cannot say that it is another. */
  route(session: string, frame: Frame): Delivery[] {
    this.add(session);
    const known: Frame = { ...frame, from: session };
    switch (known.to) {
      case 'hub':
        return this.#command(session, known);
      case 'endpoint':
        return this.#sessions.has(known.name) ? [{ session: known.name, frame: known }] : this.#nobody(known);
      case 'one': {
        const members = this.#members.get(keyOf('one', known.name));
        const next = members?.sessions[members.turn++ % members.sessions.length];
        return next === undefined ? this.#nobody(known) : [{ session: next, frame: known }];
      }
      case 'all': {
        const { sessions = [] } = this.#members.get(keyOf('all', known.name)) ?? {};
        return sessions.map((one) => ({ session: one, frame: known }));
      }
    }
  }

  #command(session: string, frame: Frame): Delivery[] {
    const membership: Membership = frame.text === 'all' ? 'all' : 'one';
    const key = keyOf(membership, frame.name);
    if (frame.kind === 'leave') this.#drop(session, key);
    else if (frame.kind === 'join' && frame.name !== '') this.#join(session, key);
    return [{ session, frame: answerTo(frame, 'joined', '') }];
  }

  #join(session: string, key: string): void {
    const joined = this.#sessions.get(session)!;
    if (joined.has(key) || joined.size >= SUBJECTS_MAX) return;
    joined.add(key);
    const members = this.#members.get(key) ?? { sessions: [], turn: 0 };
    members.sessions.push(session);
    this.#members.set(key, members);
  }

  #drop(session: string, key: string): void {
    this.#sessions.get(session)?.delete(key);
    const members = this.#members.get(key);
    const at = members?.sessions.indexOf(session) ?? -1;
    if (!members || at < 0) return;
    members.sessions.splice(at, 1);
    if (members.sessions.length === 0) this.#members.delete(key);
  }

  #nobody(frame: Frame): Delivery[] {
    this.#undelivered += 1;
    const isAsked = frame.kind === 'request' || frame.kind === 'open';
    if (!isAsked) return [];
    const text = `E_BACKEND_UNAVAILABLE Nobody serves "${frame.name}".`;
    return [{ session: frame.from, frame: answerTo(frame, 'error', text) }];
  }
}

const keyOf = (membership: Membership, subject: string): string => `${membership} ${subject}`;

function answerTo(frame: Frame, kind: 'joined' | 'error', text: string): Frame {
  return {
    to: 'endpoint',
    name: frame.from,
    from: '',
    kind,
    id: frame.id,
    number: 0,
    text,
    payload: NO_BYTES,
  };
}

/** Brokers in one process: a hub that calls. */
import { randomUUID } from 'node:crypto';
import { AnantError } from '@anant/core';
import { type Frame, NO_BYTES } from '../frame.js';
import { HubRouting } from '../hub-routing.js';
import type { Membership, Transport, TransportEvents } from '../transport.js';

export class MemoryHub {
  readonly routing = new HubRouting();
  readonly #sessions = new Map<string, TransportEvents>();

  connect(session: string, events: TransportEvents): void {
    this.routing.add(session);
    this.#sessions.set(session, events);
  }

  disconnect(session: string): void {
    this.routing.remove(session);
    this.#sessions.delete(session);
  }

  /** Handed over in a later turn, as on every other transport: no sender runs inside a receiver's handler. */
  pass(session: string, frame: Frame): void {
    for (const delivery of this.routing.route(session, frame)) {
      queueMicrotask(() => this.#sessions.get(delivery.session)?.onReceived({ frame: delivery.frame }));
    }
  }
}

export class MemoryTransport implements Transport {
  readonly name = 'memory';
  readonly endpoint = randomUUID();
  readonly #hub: MemoryHub;
  #isOpen = false;

  constructor(hub: MemoryHub) {
    this.#hub = hub;
  }

  async open(events: TransportEvents): Promise<void> {
    this.#hub.connect(this.endpoint, events);
    this.#isOpen = true;
  }

  async post(frame: Frame): Promise<void> {
    if (!this.#isOpen) throw new AnantError('E_BACKEND_CLOSED', 'The broker is closed.');
    // The sender may reuse its buffer as soon as this returns, as on every other transport.
    this.#hub.pass(this.endpoint, { ...frame, payload: frame.payload.slice() });
  }

  async join(membership: Membership, subject: string): Promise<void> {
    this.#command('join', membership, subject);
  }

  async leave(membership: Membership, subject: string): Promise<void> {
    this.#command('leave', membership, subject);
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    this.#hub.disconnect(this.endpoint);
  }

  #command(kind: 'join' | 'leave', membership: Membership, subject: string): void {
    this.#hub.routing.route(this.endpoint, {
      to: 'hub',
      name: subject,
      from: this.endpoint,
      kind,
      id: '',
      number: 0,
      text: membership,
      payload: NO_BYTES,
    });
  }
}

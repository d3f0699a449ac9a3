/**
 * An ordered, reliable stream over the lossy network, as TCP gives it: numbered packets, repeated until confirmed; given
 * up when nothing is confirmed for a while, and then both ends must start anew.
 */
import type { SimWorld } from '../sim-world.js';

/** What a stream needs of the world. */
export type StreamWorld = Pick<SimWorld, 'send' | 'localMs' | 'setTimer'>;

export interface StreamPacket {
  readonly kind: 'data' | 'confirm' | 'reset';
  /** The same for both directions of one connection; a later connection of a client has a higher number. */
  readonly connection: number;
  /** Of `data`: its number. Of `confirm`: the next number expected. */
  readonly sequence: number;
  /** The life of the head it comes from, or is meant for; 0 while the sender has heard of none. */
  readonly life: number;
  readonly message?: unknown;
}

export interface StreamHandler {
  message(message: unknown): void;
  closed(): void;
}

const REPEAT_MS = 60;
const GIVE_UP_MS = 1500;
/** Packets that came too early; more are dropped and come again. */
const EARLY_MAX = 256;

export class SimStream {
  readonly connection: number;
  isOpen = true;
  readonly #world: StreamWorld;
  readonly #self: number;
  readonly #other: number;
  readonly #handler: StreamHandler;
  readonly #unconfirmed: StreamPacket[] = [];
  readonly #early = new Map<number, unknown>();
  /** A connection never outlives the process at its other end: what is meant for the last one is not for the next. */
  #life: number;
  #next = 0;
  #expected = 0;
  #heardMs: number;
  #isTimerSet = false;

  /** @param life That of the head which makes it; 0 at the client's end. */
  constructor(
    world: StreamWorld,
    self: number,
    other: number,
    connection: number,
    handler: StreamHandler,
    life = 0,
  ) {
    this.#life = life;
    this.#world = world;
    this.#self = self;
    this.#other = other;
    this.connection = connection;
    this.#handler = handler;
    this.#heardMs = world.localMs(self);
  }

  /** Messages sent and not known to have arrived. */
  get unconfirmed(): number {
    return this.#unconfirmed.length;
  }

  send(message: unknown): void {
    if (!this.isOpen) return;
    if (this.#unconfirmed.length === 0) this.#heardMs = this.#world.localMs(this.#self);
    const { connection } = this;
    const packet: StreamPacket = {
      kind: 'data',
      connection,
      sequence: this.#next,
      life: this.#life,
      message,
    };
    this.#next += 1;
    this.#unconfirmed.push(packet);
    this.#world.send(this.#self, this.#other, packet);
    this.#setTimer();
  }

  receive(packet: StreamPacket): void {
    if (!this.isOpen) return;
    if (packet.kind === 'reset' || (this.#life !== 0 && packet.life !== 0 && packet.life !== this.#life)) {
      this.close();
      return;
    }
    if (this.#life === 0) this.#life = packet.life;
    if (packet.kind === 'confirm') {
      this.#heardMs = this.#world.localMs(this.#self);
      while (this.#unconfirmed.length > 0 && this.#unconfirmed[0]!.sequence < packet.sequence)
        this.#unconfirmed.shift();
      return;
    }
    if (packet.sequence >= this.#expected && this.#early.size < EARLY_MAX)
      this.#early.set(packet.sequence, packet.message);
    this.#deliver();
    const { connection } = this;
    this.#world.send(this.#self, this.#other, {
      kind: 'confirm',
      connection,
      sequence: this.#expected,
      life: this.#life,
    });
  }

  #deliver(): void {
    while (this.isOpen && this.#early.has(this.#expected)) {
      const message = this.#early.get(this.#expected);
      this.#early.delete(this.#expected);
      this.#expected += 1;
      this.#handler.message(message);
    }
  }

  /** The repeat timer of this stream is due. */
  wake(): void {
    this.#isTimerSet = false;
    if (!this.isOpen || this.#unconfirmed.length === 0) return;
    if (this.#world.localMs(this.#self) - this.#heardMs > GIVE_UP_MS) {
      this.close();
      return;
    }
    for (const packet of this.#unconfirmed)
      this.#world.send(this.#self, this.#other, { ...packet, life: this.#life });
    this.#setTimer();
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#handler.closed();
  }

  /** Ends it without a word to its own handler. */
  drop(): void {
    this.isOpen = false;
  }

  #setTimer(): void {
    if (this.#isTimerSet) return;
    this.#isTimerSet = true;
    this.#world.setTimer(this.#self, REPEAT_MS, this);
  }
}

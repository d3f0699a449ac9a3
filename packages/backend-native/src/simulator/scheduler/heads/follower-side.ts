/** A standby's stream to the head that leads: it tries one head after the other until one feeds it. */
import type { SimWorld } from '../../sim-world.js';
import { SimStream, type StreamPacket, type StreamWorld } from '../stream.js';
import type { LeadWord } from './head-messages.js';
import type { SimReplica } from './sim-replica.js';

export interface FollowerSideOptions {
  readonly world: SimWorld;
  readonly node: number;
  readonly replica: SimReplica;
  readonly others: readonly number[];
  /** Numbers connections, through all terms of the process. */
  readonly nextConnection: () => number;
  /** The log cannot be gone on with: the process ends. */
  readonly onBroken: (error: unknown) => void;
}

const RECONNECT_MS = 100;
/** Sent whether there is news or not: it notices that the leader is another one. */
const CONFIRM_MS = 150;

export class FollowerSide {
  readonly #options: FollowerSideOptions;
  readonly #sender: StreamWorld;
  #stream: SimStream | undefined;
  #at = 0;
  #isFed = false;
  #isClosed = false;

  constructor(options: FollowerSideOptions) {
    this.#options = options;
    const { world, replica } = options;
    this.#sender = {
      localMs: (of) => world.localMs(of),
      setTimer: (of, delayMs, payload) => world.setTimer(of, delayMs, payload),
      send: (from, to, packet) => world.send(from, to, { channel: 'follow', packet }),
    };
    replica.onDurable = () => this.#confirm();
    this.#connect();
    this.#beat();
  }

  close(): void {
    this.#isClosed = true;
    this.#stream?.drop();
  }

  receive(packet: StreamPacket): void {
    if (packet.connection === this.#stream?.connection) this.#stream.receive(packet);
  }

  #beat(): void {
    if (this.#isClosed) return;
    this.#confirm();
    this.#options.world.setTimer(this.#options.node, CONFIRM_MS, () => this.#beat());
  }

  #connect(): void {
    if (this.#isClosed) return;
    const { world, node, others, nextConnection, replica } = this.#options;
    this.#isFed = false;
    this.#at = (this.#at + 1) % others.length;
    const stream = new SimStream(this.#sender, node, others[this.#at]!, nextConnection(), {
      message: (message) => this.#heard(message as LeadWord),
      closed: () => world.setTimer(node, RECONNECT_MS, () => this.#connect()),
    });
    this.#stream = stream;
    stream.send({ type: 'from', position: replica.position });
  }

  #confirm(): void {
    if (this.#isFed) this.#stream?.send({ type: 'followed', index: this.#options.replica.journal.durable });
  }

  #heard(word: LeadWord): void {
    if (this.#isClosed) return;
    const { replica, onBroken } = this.#options;
    try {
      if (word.type === 'append') {
        if (replica.take(word.epoch, word.entries) !== 'take') this.#stream?.close();
        return;
      }
      if (word.type === 'snapshot' && replica.replaceBy(word.epoch, word.entry, word.epochs) !== 'take') {
        this.#stream?.close();
        return;
      }
      this.#isFed = true;
      this.#confirm();
    } catch (error) {
      onBroken(error);
    }
  }
}

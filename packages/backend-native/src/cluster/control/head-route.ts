/** Which of several heads to talk to: the one that was last said to lead, or the next in turn. */
import { HEADS_ANSWER_MS_MAX, HEADS_PAUSE_MS_MAX } from '../limits.js';
import { parseAddress } from './address.js';
import type { StreamWaits } from './persistent-stream.js';

/** Addresses remembered; more are not. */
const ADDRESSES_MAX = 16;

export class HeadRoute {
  #addresses: string[];
  #at = 0;
  #isRedirected = false;

  /** @param text one address or several, separated by commas. @throws AnantError `E_CONFIG_INVALID` */
  constructor(text: string) {
    this.#addresses = text.split(',').map((each) => each.trim());
    for (const address of this.#addresses) parseAddress(address);
  }

  get current(): string {
    return this.#addresses[this.#at] as string;
  }

  get addresses(): readonly string[] {
    return this.#addresses;
  }

  get count(): number {
    return this.#addresses.length;
  }

  /** How long to wait for one head, as there may be another to ask. */
  get waits(): StreamWaits {
    if (this.count === 1) return {};
    return { pauseMsMax: HEADS_PAUSE_MS_MAX, introductionMsMax: HEADS_ANSWER_MS_MAX };
  }

  /** The head talked to does not lead. @param leader who does, as it said; empty when it knows none */
  redirect(leader: string): void {
    if (leader === '' || leader === this.current) return;
    this.#prefer(leader);
    this.#isRedirected = true;
  }

  /** The connection broke: the next one is tried, unless this one was just named. */
  failed(): void {
    if (!this.#isRedirected) this.#at = (this.#at + 1) % this.#addresses.length;
    this.#isRedirected = false;
  }

  /** What the leader said of all heads, itself included. */
  learn(addresses: readonly string[]): void {
    for (const address of addresses)
      if (!this.#addresses.includes(address) && this.#addresses.length < ADDRESSES_MAX)
        this.#addresses.push(address);
  }

  #prefer(address: string): void {
    parseAddress(address);
    this.learn([address]);
    const at = this.#addresses.indexOf(address);
    this.#at = at === -1 ? (this.#at + 1) % this.#addresses.length : at;
  }
}

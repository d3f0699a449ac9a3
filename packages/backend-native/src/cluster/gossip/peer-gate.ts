/**
 * What stands between the socket and the protocol: decryption, identity, the replay window, and rates. Whatever does not
 * pass is counted by reason and forgotten.
 */
import { decodeMessage, encodeMessage } from '@anant/core/codec';
import { PerSecond } from '../../protocol/gossip/index.js';
import { Fields } from './fields.js';
import type { Keyring } from './keyring.js';
import {
  FRAME_BYTES_MAX,
  FRAMES_PER_SECOND_MAX,
  ID_BYTES_MAX,
  SENDER_FRAMES_PER_SECOND_MAX,
} from './limits.js';
import { ReplayWindow } from './replay-window.js';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES, type Signatures } from './signatures.js';

/** Why a frame was not taken. */
export type DropReason =
  | 'malformed'
  | 'unknown-key'
  | 'forged'
  | 'wrong-identity'
  | 'stranger'
  | 'outdated'
  | 'replayed'
  | 'misdirected'
  | 'rate';

export interface Passed {
  readonly from: string;
  readonly body: Uint8Array;
}

export interface Dropped {
  readonly reason: DropReason;
  /** The process number known of the sender, when the frame came from an earlier one of it. */
  readonly knownProcess?: number;
}

export interface PeerGateOptions {
  readonly id: string;
  readonly cluster: string;
  readonly keyring: Keyring;
  readonly signatures: Signatures;
  /** Tries to admit an unknown sender by what its frame says of itself. */
  readonly introduce: (body: Uint8Array) => void;
}

interface Peer {
  /** Number of its process: a later process has a higher one. */
  process: number;
  window: ReplayWindow;
  readonly rate: PerSecond;
}

const PROCESS_MAX = 2 ** 52;

export class PeerGate {
  readonly #options: PeerGateOptions;
  readonly #peers = new Map<string, Peer>();
  #process: number;
  #sequence = 0;
  readonly #rate = new PerSecond(FRAMES_PER_SECOND_MAX);

  /** @param process Higher than that of any earlier process of this node: wall-clock milliseconds do. */
  constructor(options: PeerGateOptions, process: number) {
    this.#options = options;
    this.#process = process;
  }

  /** Others remember a later process of this node than this one claims to be (its clock went back): outbid it. */
  outbid(process: number): void {
    if (process >= this.#process && process < PROCESS_MAX) this.#process = process + 1;
  }

  /** @param to Id of the receiver; empty when only its address is known. */
  seal(to: string, body: Uint8Array): Buffer {
    const { id, keyring, signatures } = this.#options;
    this.#sequence += 1;
    const signature = signatures.sign(this.#signed(id, to, this.#process, this.#sequence, body));
    const key = signatures.publicKey;
    return keyring.seal(encodeMessage([id, to, key, this.#process, this.#sequence, signature, body]));
  }

  /** @param nowMs Monotonic. */
  open(frame: Buffer, nowMs: number): Passed | Dropped {
    if (!this.#rate.take(nowMs)) return { reason: 'rate' };
    const plain = this.#options.keyring.open(frame);
    if (typeof plain === 'string') return { reason: plain };
    try {
      return this.#read(plain, nowMs);
    } catch {
      // The codec and the field readers throw for whatever is not of the shape; nothing of it was kept.
      return { reason: 'malformed' };
    }
  }

  #read(plain: Uint8Array, nowMs: number): Passed | Dropped {
    const { id, signatures } = this.#options;
    const fields = new Fields(decodeMessage(plain));
    const from = fields.text(ID_BYTES_MAX);
    const to = fields.text(ID_BYTES_MAX);
    const publicKey = fields.bytes(PUBLIC_KEY_BYTES);
    const process = fields.integer(1, PROCESS_MAX);
    const sequence = fields.integer(1);
    const signature = fields.bytes(SIGNATURE_BYTES);
    const body = fields.bytes(FRAME_BYTES_MAX);
    fields.end();
    if (to !== '' && to !== id) return { reason: 'misdirected' };
    if (signatures.check(from, publicKey) !== 'same') this.#introduce(from, publicKey, body);
    const identity = signatures.check(from, publicKey);
    if (identity !== 'same' || from === id)
      return { reason: identity === 'unknown' ? 'stranger' : 'wrong-identity' };
    if (!signatures.verify(from, this.#signed(from, to, process, sequence, body), signature, 'once'))
      return { reason: 'forged' };
    const reason = this.#admit(from, process, sequence, nowMs);
    if (reason === undefined) return { from, body };
    return reason === 'outdated' ? { reason, knownProcess: this.#peers.get(from)!.process } : { reason };
  }

  /** Admits a sender, or a new key of one, by its key alone, or by what its frame says of it. */
  #introduce(from: string, publicKey: Uint8Array, body: Uint8Array): void {
    const { signatures, introduce } = this.#options;
    if (signatures.admit(from, publicKey, undefined)) return;
    try {
      introduce(body);
    } catch {
      // Nothing in it convinced; the sender stays a stranger.
    }
  }

  #admit(from: string, process: number, sequence: number, nowMs: number): DropReason | undefined {
    const peer = this.#peerOf(from, process);
    if (process < peer.process) return 'outdated';
    if (process > peer.process) {
      peer.process = process;
      peer.window = new ReplayWindow();
    }
    if (!peer.window.take(sequence)) return 'replayed';
    return peer.rate.take(nowMs) ? undefined : 'rate';
  }

  #peerOf(from: string, process: number): Peer {
    const known = this.#peers.get(from);
    if (known !== undefined) return known;
    const peer = { process, window: new ReplayWindow(), rate: new PerSecond(SENDER_FRAMES_PER_SECOND_MAX) };
    // As many as keys are pinned, which is bounded.
    this.#peers.set(from, peer);
    return peer;
  }

  #signed(from: string, to: string, process: number, sequence: number, body: Uint8Array): Uint8Array {
    return encodeMessage(['frame', this.#options.cluster, from, to, process, sequence, body]);
  }
}

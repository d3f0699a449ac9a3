/** Which CURVE key belongs to which node, as certificates proved it. Asked on every new ZeroMQ connection. */
import type { NodeIdentity } from './node-identity.js';

/** Keys known at once; one more drops the binding that was made first. */
export const BOUND_KEYS_MAX = 100_000;
/** Keys of one node: the current one and one being rotated out. */
export const KEYS_PER_NODE_MAX = 2;
/** So long the key before the newest one of a node still holds, from when the newest is known here. */
export const KEY_OVERLAP_MS = 60_000;

export interface KeyDirectoryOptions {
  /** Wall clock: certificates name wall-clock dates. */
  readonly nowMs: () => number;
  readonly isRevoked: (fingerprint: string) => boolean;
  /** @default KEY_OVERLAP_MS */
  readonly overlapMs?: number | undefined;
}

export class KeyDirectory {
  readonly #options: KeyDirectoryOptions;
  readonly #byKey = new Map<string, NodeIdentity>();
  readonly #byNode = new Map<string, NodeIdentity[]>();
  /** When a newer key of the node became known, by key. */
  readonly #supersededMs = new Map<string, number>();

  constructor(options: KeyDirectoryOptions) {
    this.#options = options;
  }

  /** Takes an identity that a certificate proved. The newest `KEYS_PER_NODE_MAX` keys of a node hold. */
  bind(identity: NodeIdentity): void {
    const others = (this.#byNode.get(identity.nodeId) ?? []).filter(
      ({ curveKey }) => !curveKey.equals(identity.curveKey),
    );
    const all = [identity, ...others].sort((left, right) => right.validFromMs - left.validFromMs);
    for (const { curveKey } of all.slice(KEYS_PER_NODE_MAX)) this.#drop(curveKey);
    const kept = all.slice(0, KEYS_PER_NODE_MAX);
    this.#byNode.set(identity.nodeId, kept);
    for (const one of kept) {
      const key = keyText(one.curveKey);
      this.#byKey.set(key, one);
      // Of two of the same second nobody knows which is newer: both hold.
      const isNewest = one.validFromMs === kept[0]?.validFromMs;
      if (!isNewest && !this.#supersededMs.has(key)) this.#supersededMs.set(key, this.#options.nowMs());
    }
    if (this.#byKey.size > BOUND_KEYS_MAX) this.#dropOldest();
  }

  /** Forgets a node that left the cluster: its keys open no connection any more. */
  forget(nodeId: string): void {
    for (const { curveKey } of this.#byNode.get(nodeId) ?? []) this.#drop(curveKey);
    this.#byNode.delete(nodeId);
  }

  /** The node that holds a key, unless its certificate expired, was revoked, or has had a newer one for the overlap. */
  find(curveKey: Buffer): NodeIdentity | undefined {
    const identity = this.#byKey.get(keyText(curveKey));
    return identity && this.#holds(identity) ? identity : undefined;
  }

  /** The newest identity of a node that holds now. */
  ofNode(nodeId: string): NodeIdentity | undefined {
    return this.#byNode.get(nodeId)?.find((identity) => this.#holds(identity));
  }

  #holds({ curveKey, fingerprint, validToMs }: NodeIdentity): boolean {
    const { nowMs, isRevoked, overlapMs = KEY_OVERLAP_MS } = this.#options;
    const supersededMs = this.#supersededMs.get(keyText(curveKey)) ?? Number.POSITIVE_INFINITY;
    return nowMs() <= Math.min(validToMs, supersededMs + overlapMs) && !isRevoked(fingerprint);
  }

  #drop(curveKey: Buffer): void {
    this.#byKey.delete(keyText(curveKey));
    this.#supersededMs.delete(keyText(curveKey));
  }

  #dropOldest(): void {
    const [oldest] = this.#byNode.keys();
    if (oldest !== undefined) this.forget(oldest);
  }
}

const keyText = (curveKey: Buffer): string => curveKey.toString('hex');

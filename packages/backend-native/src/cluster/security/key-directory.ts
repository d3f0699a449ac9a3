/** Which CURVE key belongs to which node, as certificates proved it. Asked on every new ZeroMQ connection. */
import type { NodeIdentity } from './node-identity.js';

/** Keys known at once; one more drops the binding that was made first. */
export const BOUND_KEYS_MAX = 100_000;
/** Keys of one node: the current one and one being rotated out. */
export const KEYS_PER_NODE_MAX = 2;

export interface KeyDirectoryOptions {
  /** Wall clock: certificates name wall-clock dates. */
  readonly nowMs: () => number;
  readonly isRevoked: (fingerprint: string) => boolean;
}

export class KeyDirectory {
  readonly #options: KeyDirectoryOptions;
  readonly #byKey = new Map<string, NodeIdentity>();
  readonly #byNode = new Map<string, NodeIdentity[]>();

  constructor(options: KeyDirectoryOptions) {
    this.#options = options;
  }

  /** Takes an identity that a certificate proved. The newest `KEYS_PER_NODE_MAX` keys of a node hold. */
  bind(identity: NodeIdentity): void {
    const others = (this.#byNode.get(identity.nodeId) ?? []).filter(
      ({ curveKey }) => !curveKey.equals(identity.curveKey),
    );
    const all = [identity, ...others].sort((left, right) => right.validFromMs - left.validFromMs);
    for (const dropped of all.slice(KEYS_PER_NODE_MAX)) this.#byKey.delete(keyText(dropped.curveKey));
    const kept = all.slice(0, KEYS_PER_NODE_MAX);
    this.#byNode.set(identity.nodeId, kept);
    for (const one of kept) this.#byKey.set(keyText(one.curveKey), one);
    if (this.#byKey.size > BOUND_KEYS_MAX) this.#dropOldest();
  }

  /** Forgets a node that left the cluster: its keys open no connection any more. */
  forget(nodeId: string): void {
    for (const { curveKey } of this.#byNode.get(nodeId) ?? []) this.#byKey.delete(keyText(curveKey));
    this.#byNode.delete(nodeId);
  }

  /** The node that holds a key, unless its certificate expired or was revoked meanwhile. */
  find(curveKey: Buffer): NodeIdentity | undefined {
    const identity = this.#byKey.get(keyText(curveKey));
    return identity && this.#holds(identity) ? identity : undefined;
  }

  /** The newest identity of a node that holds now. */
  ofNode(nodeId: string): NodeIdentity | undefined {
    return this.#byNode.get(nodeId)?.find((identity) => this.#holds(identity));
  }

  #holds({ fingerprint, validToMs }: NodeIdentity): boolean {
    return this.#options.nowMs() <= validToMs && !this.#options.isRevoked(fingerprint);
  }

  #dropOldest(): void {
    const [oldest] = this.#byNode.keys();
    if (oldest !== undefined) this.forget(oldest);
  }
}

const keyText = (curveKey: Buffer): string => curveKey.toString('hex');

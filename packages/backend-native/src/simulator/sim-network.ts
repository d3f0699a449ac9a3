/**
 * The links between simulated nodes: delay, loss, duplication, bandwidth, one-way cuts and partitions. It decides when
 * a message arrives, if at all; the world delivers it.
 */
import type { Random } from '@anant/core';

export type Delay =
  | { readonly type: 'fixed'; readonly ms: number }
  | { readonly type: 'uniform'; readonly msMin: number; readonly msMax: number }
  /** `msMin` plus an exponential tail of mean `tailMs`. */
  | { readonly type: 'exponential'; readonly msMin: number; readonly tailMs: number };

export interface LinkOptions {
  /** One way. @default uniform 0.2 to 0.8 ms, a local network */
  readonly delay?: Delay;
  /** Part of the messages that vanish, 0 to 1. @default 0 */
  readonly loss?: number;
  /** Part of the messages that arrive twice, 0 to 1. @default 0 */
  readonly duplicate?: number;
  /** Bytes a second through the link, in each direction separately. @default unlimited */
  readonly bytesPerSecond?: number;
  /** Bytes waiting for a slow link; more are dropped, as a router does. @default 262144 */
  readonly queueBytesMax?: number;
}

const LOCAL: Required<LinkOptions> = {
  delay: { type: 'uniform', msMin: 0.2, msMax: 0.8 },
  loss: 0,
  duplicate: 0,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  queueBytesMax: 262_144,
};
/** Node numbers are below this, so that a pair fits in one number. */
const NODES_MAX = 1 << 24;

export class SimNetwork {
  /** Messages offered, lost by chance or queue, and kept back by a cut. */
  readonly counts = { sent: 0, bytes: 0, lost: 0, cut: 0, duplicated: 0 };
  readonly #random: Random;
  readonly #default: Required<LinkOptions>;
  readonly #links = new Map<number, Required<LinkOptions>>();
  readonly #freeAtMs = new Map<number, number>();
  readonly #cuts = new Set<number>();
  readonly #ingressLoss = new Map<number, number>();
  readonly #egressLoss = new Map<number, number>();
  #sides: Map<number, number> | undefined;

  constructor(random: Random, link: LinkOptions = {}) {
    this.#random = random;
    this.#default = { ...LOCAL, ...link };
  }

  /** Options of the link from one node to another, in that direction only; what is left out is as everywhere. */
  setLink(from: number, to: number, link: LinkOptions): void {
    this.#links.set(pair(from, to), { ...this.#default, ...link });
  }

  /** Loss of everything a node receives or sends, besides that of its links. */
  setNodeLoss(node: number, loss: { readonly ingress?: number; readonly egress?: number }): void {
    this.#ingressLoss.set(node, loss.ingress ?? 0);
    this.#egressLoss.set(node, loss.egress ?? 0);
  }

  /** Nothing passes from any of `from` to any of `to`; the other direction is open. */
  cutOneWay(from: readonly number[], to: readonly number[]): void {
    for (const source of from) for (const target of to) this.#cuts.add(pair(source, target));
  }

  /** Only nodes of the same group reach each other; nodes in no group are one group more. */
  partition(groups: readonly (readonly number[])[]): void {
    this.#sides = new Map(groups.flatMap((group, side) => group.map((node) => [node, side + 1] as const)));
  }

  /** Ends every cut, partition and node loss. Link options stay. */
  heal(): void {
    this.#cuts.clear();
    this.#sides = undefined;
    this.#ingressLoss.clear();
    this.#egressLoss.clear();
  }

  isCut(from: number, to: number): boolean {
    if (this.#sides !== undefined && (this.#sides.get(from) ?? 0) !== (this.#sides.get(to) ?? 0)) return true;
    return this.#cuts.size > 0 && this.#cuts.has(pair(from, to));
  }

  /** Decides one message sent at `nowMs`: calls `deliver` with each moment of arrival, none when it is lost. */
  route(from: number, to: number, bytes: number, nowMs: number, deliver: (atMs: number) => void): void {
    this.counts.sent += 1;
    this.counts.bytes += bytes;
    if (this.isCut(from, to)) {
      this.counts.cut += 1;
      return;
    }
    const link = this.#links.size === 0 ? this.#default : (this.#links.get(pair(from, to)) ?? this.#default);
    const sentMs = this.#isLost(link, from, to)
      ? undefined
      : this.#throughQueue(link, from, to, bytes, nowMs);
    if (sentMs === undefined) {
      this.counts.lost += 1;
      return;
    }
    deliver(sentMs + this.#delayMs(link.delay));
    if (link.duplicate > 0 && this.#random() < link.duplicate) {
      this.counts.duplicated += 1;
      deliver(sentMs + this.#delayMs(link.delay));
    }
  }

  #isLost(link: Required<LinkOptions>, from: number, to: number): boolean {
    if (link.loss > 0 && this.#random() < link.loss) return true;
    if (this.#ingressLoss.size === 0) return false;
    const egress = this.#egressLoss.get(from) ?? 0;
    const ingress = this.#ingressLoss.get(to) ?? 0;
    return (egress > 0 && this.#random() < egress) || (ingress > 0 && this.#random() < ingress);
  }

  #throughQueue(
    link: Required<LinkOptions>,
    from: number,
    to: number,
    bytes: number,
    nowMs: number,
  ): number | undefined {
    if (link.bytesPerSecond === Number.POSITIVE_INFINITY) return nowMs;
    const key = pair(from, to);
    const startMs = Math.max(nowMs, this.#freeAtMs.get(key) ?? 0);
    const waitingBytes = ((startMs - nowMs) / 1000) * link.bytesPerSecond;
    if (waitingBytes + bytes > link.queueBytesMax) return undefined;
    const endMs = startMs + (bytes / link.bytesPerSecond) * 1000;
    this.#freeAtMs.set(key, endMs);
    return endMs;
  }

  #delayMs(delay: Delay): number {
    if (delay.type === 'fixed') return delay.ms;
    const share = this.#random();
    if (delay.type === 'uniform') return delay.msMin + (delay.msMax - delay.msMin) * share;
    return delay.msMin - delay.tailMs * Math.log(1 - share);
  }
}

function pair(from: number, to: number): number {
  return from * NODES_MAX + to;
}

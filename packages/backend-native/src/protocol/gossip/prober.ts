/** Probing (SWIM section 4.1, Lifeguard's LHA-probe): one member a period, directly, then through helpers. */
import { PERIOD, PROBE, RELAY } from './agenda.js';
import type { Core } from './core.js';
import { ProbeOrder } from './probe-order.js';
import { RoundTrips } from './round-trips.js';
import type { Suspector } from './suspector.js';
import type { GossipMessage, MemberIndex } from './types.js';

/** Probes open at once; one asked for beyond is left to the period. */
const PROBES_MAX = 64;
/** Probes open for others; a request beyond is ignored, its sender has other helpers. */
const RELAYS_MAX = 256;
/** A helper says "no answer yet" at this part of the timeout, so that the asker knows the helper at least is well. */
const NACK_PART = 0.8;
/** A measured peer has this many of its timeouts to answer through a helper. */
const INDIRECT_TIMEOUTS = 3;

/** Timeouts for the last word: the answer, and once more for a lost one on a busy host. */
const LAST_WORD_TIMEOUTS = 2;

interface Probe {
  readonly target: MemberIndex;
  readonly sequence: number;
  readonly sentMs: number;
  readonly timeoutMs: number;
  readonly periodEndMs: number;
  deadlineMs: number;
  stage: 'direct' | 'indirect';
  nacksWanted: number;
  nacks: number;
}

interface Relay {
  readonly asker: MemberIndex;
  readonly sequence: number;
  readonly nackMs: number;
  readonly expiresMs: number;
  hasNacked: boolean;
}

type Ping = GossipMessage & { type: 'ping' | 'ack' };

export class Prober {
  readonly roundTrips: RoundTrips;
  readonly #core: Core;
  readonly #suspector: Suspector;
  readonly #order: ProbeOrder;
  readonly #probes: Probe[] = [];
  readonly #relays = new Map<number, Relay>();
  #sequence = 0;

  constructor(core: Core, suspector: Suspector) {
    this.#core = core;
    this.#suspector = suspector;
    this.#order = new ProbeOrder(core.random);
    const { timeoutMs, timeoutMsMin, roundTripsMax } = core.tuning;
    this.roundTrips = new RoundTrips({ timeoutMsMin, timeoutMsMax: timeoutMs, peersMax: roundTripsMax });
  }

  /** Starts at a random moment of the first period, so that nodes do not beat together. */
  start(): void {
    const { phase, intervalMs } = this.#core.tuning;
    const shiftMs = phase === 'aligned' ? 0 : this.#core.random() * intervalMs;
    this.#core.agenda[PERIOD] = this.#core.nowMs + shiftMs;
  }

  stop(): void {
    this.#core.agenda[PERIOD] = Number.POSITIVE_INFINITY;
    this.#probes.length = 0;
    this.#relays.clear();
    this.#findNext();
    this.#findNextRelay();
  }

  /** This process stood still: what it waited for gets the time back. */
  shift(byMs: number): void {
    for (const probe of this.#probes) probe.deadlineMs += byMs;
    this.#findNext();
  }

  tick(): void {
    const { nowMs, agenda } = this.#core;
    if (nowMs >= agenda[RELAY]!) this.#tickRelays();
    if (nowMs >= agenda[PROBE]!) this.#tickProbes();
    if (nowMs >= agenda[PERIOD]!) this.#beginPeriod();
  }

  /** Probes a member now, besides the one of the period. */
  probe(target: MemberIndex): void {
    if (this.#probes.length < PROBES_MAX && this.#core.isOther(target)) this.#begin(target);
  }

  /** One more ping, with what the member must refute. @returns How long an answer may take, in milliseconds. */
  ask(target: MemberIndex): number {
    this.#sendPing(target, this.#newSequence());
    return this.#timeoutMs(target) * this.#core.health.factor * LAST_WORD_TIMEOUTS;
  }

  onPing(from: MemberIndex, message: Ping): void {
    const first = this.#core.tuning.buddy === 'on' ? this.#suspector.evidenceOf(from) : undefined;
    const { epoch } = this.#core;
    this.#core.send(from, {
      type: 'ack',
      sequence: message.sequence,
      epoch,
      updates: this.#core.takeUpdates(first),
    });
  }

  onPingRequest(from: MemberIndex, message: GossipMessage & { type: 'ping-request' }): void {
    if (this.#relays.size >= RELAYS_MAX || message.target === this.#core.selfIndex) return;
    const sequence = this.#newSequence();
    const { nowMs, tuning } = this.#core;
    const timeoutMs = this.#timeoutMs(message.target);
    this.#relays.set(sequence, {
      asker: from,
      sequence: message.sequence,
      nackMs: nowMs + timeoutMs * NACK_PART,
      expiresMs: nowMs + Math.max(timeoutMs, tuning.intervalMs),
      hasNacked: false,
    });
    this.#findNextRelay();
    this.#sendPing(message.target, sequence);
  }

  onAck(from: MemberIndex, message: Ping): void {
    this.#suspector.onAnswerOf(from);
    const relay = this.#hasRelays() ? this.#relays.get(message.sequence) : undefined;
    if (relay !== undefined) {
      this.#relays.delete(message.sequence);
      this.#findNextRelay();
      const { epoch } = this.#core;
      this.#core.send(relay.asker, { type: 'ack', sequence: relay.sequence, epoch, updates: [] });
      return;
    }
    const probe = this.#probeOf(message.sequence);
    if (probe === undefined) return;
    this.#close(probe);
    if (probe.stage === 'direct' && from === probe.target)
      this.roundTrips.measure(from, this.#core.nowMs - probe.sentMs);
    this.#core.health.change(-1);
    this.#suspector.onAnswered();
  }

  onNack(message: GossipMessage & { type: 'nack' }): void {
    const probe = this.#probeOf(message.sequence);
    if (probe !== undefined) probe.nacks += 1;
  }

  #beginPeriod(): void {
    const { nowMs, tuning, table, health } = this.#core;
    this.#core.agenda[PERIOD] = nowMs + tuning.intervalMs * health.factor;
    const target = this.#order.next(table.size, (index) => this.#core.isOther(index));
    if (target !== undefined && this.#probes.length < PROBES_MAX) this.#begin(target);
  }

  #begin(target: MemberIndex): void {
    const { nowMs, tuning, health } = this.#core;
    const sequence = this.#newSequence();
    const timeoutMs = this.#timeoutMs(target) * health.factor;
    this.#probes.push({
      target,
      sequence,
      sentMs: nowMs,
      timeoutMs,
      periodEndMs: nowMs + tuning.intervalMs * health.factor,
      deadlineMs: nowMs + timeoutMs,
      stage: 'direct',
      nacksWanted: 0,
      nacks: 0,
    });
    this.#findNext();
    this.#sendPing(target, sequence);
  }

  #sendPing(target: MemberIndex, sequence: number): void {
    const { tuning, epoch } = this.#core;
    const first = tuning.buddy === 'on' ? this.#suspector.evidenceOf(target) : undefined;
    this.#core.send(target, { type: 'ping', sequence, epoch, updates: this.#core.takeUpdates(first) });
  }

  #askHelpers(probe: Probe): void {
    const { nowMs, tuning } = this.#core;
    const isHelper = (index: MemberIndex) => index !== probe.target && this.#core.isUnsuspected(index);
    const helpers = this.#core.randomMembers(tuning.helpers, isHelper);
    for (const helper of helpers) {
      const { sequence, target } = probe;
      this.#core.send(helper, { type: 'ping-request', sequence, target, updates: this.#core.takeUpdates() });
    }
    probe.stage = 'indirect';
    probe.nacksWanted = tuning.health === 'aware' ? helpers.length : 0;
    const isMeasured = tuning.timeouts === 'measured' && helpers.length > 0;
    const waitMs = isMeasured ? probe.timeoutMs * INDIRECT_TIMEOUTS : Number.POSITIVE_INFINITY;
    probe.deadlineMs = Math.max(nowMs, Math.min(probe.periodEndMs, nowMs + waitMs));
  }

  #tickRelays(): void {
    const { nowMs, tuning } = this.#core;
    for (const [sequence, relay] of this.#relays) {
      if (nowMs >= relay.expiresMs) this.#relays.delete(sequence);
      else if (!relay.hasNacked && nowMs >= relay.nackMs) {
        relay.hasNacked = true;
        if (tuning.health === 'aware')
          this.#core.send(relay.asker, { type: 'nack', sequence: relay.sequence });
      }
    }
    this.#findNextRelay();
  }

  #tickProbes(): void {
    for (const probe of this.#probes.slice()) {
      if (this.#core.nowMs < probe.deadlineMs) continue;
      if (probe.stage === 'direct') this.#askHelpers(probe);
      else this.#fail(probe);
    }
    this.#findNext();
  }

  #probeOf(sequence: number): Probe | undefined {
    for (const probe of this.#probes) if (probe.sequence === sequence) return probe;
    return undefined;
  }

  #close(probe: Probe): void {
    this.#probes.splice(this.#probes.indexOf(probe), 1);
    this.#findNext();
  }

  #hasRelays(): boolean {
    return this.#core.agenda[RELAY] !== Number.POSITIVE_INFINITY;
  }

  #findNext(): void {
    let next = Number.POSITIVE_INFINITY;
    for (const { deadlineMs } of this.#probes) next = Math.min(next, deadlineMs);
    this.#core.agenda[PROBE] = next;
  }

  #findNextRelay(): void {
    let next = Number.POSITIVE_INFINITY;
    for (const { hasNacked, nackMs, expiresMs } of this.#relays.values())
      next = Math.min(next, hasNacked ? expiresMs : nackMs);
    this.#core.agenda[RELAY] = next;
  }

  #fail(probe: Probe): void {
    this.#close(probe);
    const missed = probe.nacksWanted - probe.nacks;
    // As memberlist does: helpers that answered "no" clear the asker, helpers that did not answer blame it.
    this.#core.health.change(probe.nacksWanted > 0 ? Math.max(0, missed) : 1);
    this.#core.failedInRow += 1;
    this.#suspector.accuse(probe.target);
  }

  #timeoutMs(target: MemberIndex): number {
    const { tuning } = this.#core;
    return tuning.timeouts === 'fixed' ? tuning.timeoutMs : this.roundTrips.timeoutMs(target);
  }

  #newSequence(): number {
    this.#sequence = (this.#sequence % 0xffff_fffe) + 1;
    return this.#sequence;
  }
}

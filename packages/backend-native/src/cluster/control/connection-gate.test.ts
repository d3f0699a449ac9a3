/** Strangers are few and short-lived whatever they do; those that showed who they are stay. */
import type { Clock } from '@anant/core';
import { seededRandom, VirtualClock } from '@anant/core/testing';
import { describe, expect, it } from 'vitest';
import { ConnectionGate, type GatedConnection } from './connection-gate.js';

const BOUNDS = { connectionsMax: 6, strangersMax: 3, strangerMsMax: 1_000 };

class World {
  readonly clock = new VirtualClock();
  readonly gate: ConnectionGate;
  readonly closed: string[] = [];
  readonly #open = new Map<string, GatedConnection>();

  constructor(clock?: Clock) {
    this.gate = new ConnectionGate(BOUNDS, clock ?? this.clock);
  }

  open(...peers: readonly string[]): void {
    for (const peer of peers)
      this.#open.set(
        peer,
        this.gate.opened(peer, () => this.closed.push(peer)),
      );
  }

  /** The end of the connection that was opened last under this address. */
  end(peer: string): void {
    this.#open.get(peer)?.closed();
  }
}

/** A process that stands still: timers that are due run when it goes on, before anything else. */
class StallingClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Map<() => void, number>();

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    this.#timers.set(callback, this.#nowMs + delayMs);
    return () => this.#timers.delete(callback);
  }

  stall(durationMs: number): void {
    this.#nowMs += durationMs;
    for (const [callback, dueMs] of [...this.#timers]) {
      if (dueMs > this.#nowMs || !this.#timers.delete(callback)) continue;
      callback();
    }
  }
}

describe('the gate of the control port', () => {
  it('closes a connection that does not show who it is in time, and no other', async () => {
    const world = new World();
    const { clock, gate, closed } = world;
    world.open('stranger', 'friend');
    gate.proved('friend');
    await clock.advance(BOUNDS.strangerMsMax - 1);
    expect(closed).toEqual([]);
    await clock.advance(1);
    expect(closed).toEqual(['stranger']);
    await clock.advance(1_000_000);
    expect([closed, gate.size, gate.turnedAway]).toEqual([['stranger'], 1, 1]);
  });

  it('ends the oldest stranger for one more, never one that is known', () => {
    const world = new World();
    world.open('known');
    world.gate.proved('known');
    world.open('a', 'b', 'c', 'd', 'e');
    expect(world.closed).toEqual(['a', 'b']);
    expect(world.gate.size).toBe(4);
  });

  it('lets somebody in while strangers take all that is left', () => {
    const world = new World();
    for (const peer of ['1', '2', '3', '4', '5']) {
      world.open(peer);
      world.gate.proved(peer);
    }
    world.open('a');
    world.open('b');
    expect(world.closed).toEqual(['a']);
    world.gate.proved('b');
    world.open('too many');
    expect([world.closed, world.gate.size]).toEqual([['a', 'too many'], 6]);
  });

  it('forgets who has gone', async () => {
    const world = new World();
    world.open('a', 'b');
    world.gate.proved('a');
    world.end('a');
    world.end('b');
    world.gate.proved('b');
    await world.clock.advance(BOUNDS.strangerMsMax);
    expect([world.closed, world.gate.size, world.gate.turnedAway]).toEqual([[], 0, 0]);
  });

  it('tells connections apart that had the same address one after the other', async () => {
    const world = new World();
    world.open('a');
    const { gate, clock, closed } = world;
    const first = gate.opened('port', () => closed.push('first'));
    await clock.advance(BOUNDS.strangerMsMax / 2);
    gate.opened('port', () => closed.push('second'));
    gate.proved('port');
    // The end of the first is noticed only now.
    first.closed();
    await clock.advance(BOUNDS.strangerMsMax * 2);
    expect([closed, gate.size]).toEqual([['a'], 1]);
  });

  it('gives a stranger the time back in which this process stood still', () => {
    const clock = new StallingClock();
    const { gate, closed } = new World(clock);
    gate.opened('honest', () => closed.push('honest'));
    gate.opened('silent', () => closed.push('silent'));
    clock.stall(6 * BOUNDS.strangerMsMax);
    expect(closed).toEqual([]);
    // What lay in the socket is read.
    gate.proved('honest');
    clock.stall(BOUNDS.strangerMsMax);
    expect([closed, gate.size]).toEqual([['silent'], 1]);
  });

  it('keeps its bounds in any order of events', async () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const random = seededRandom(seed);
      const world = new World();
      const known = new Set<string>();
      for (let step = 0; step < 200; step += 1) {
        const peer = String(Math.floor(random() * 30));
        const choice = random();
        if (choice < 0.5) world.open(`${peer}-${step}`);
        else if (choice < 0.7) {
          const one = `p${step}`;
          world.open(one);
          const before = world.closed.length;
          world.gate.proved(one);
          if (!world.closed.slice(0, before).includes(one)) known.add(one);
        } else if (choice < 0.9) {
          const [one] = known;
          if (one !== undefined) {
            world.end(one);
            known.delete(one);
          }
        } else await world.clock.advance(random() * BOUNDS.strangerMsMax);
        expect(world.gate.size).toBeLessThanOrEqual(BOUNDS.connectionsMax);
        expect(world.closed.filter((one) => known.has(one))).toEqual([]);
      }
    }
  });
});

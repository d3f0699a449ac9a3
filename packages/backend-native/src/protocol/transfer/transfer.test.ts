/** Any order of events, any break: every chunk is read once, and no place is written before it was read. */
import type { Random } from '@anant/core';
import { seededRandom } from '@anant/core/testing';
import { describe, expect, it } from 'vitest';
import { CHUNK_BYTES, CHUNKED_BYTES_MIN, planChunks, WINDOW_CHUNKS } from './chunks.js';
import { Receiving } from './receiving.js';
import { Serving } from './serving.js';
import { pickTransfer, READERS_MAX } from './transfer-rule.js';

/** One holder with its places, and what is under way to and from it. */
class Holder {
  readonly serving: Serving;
  readonly places = new Map<number, number>();
  readonly announced: number[] = [];
  readonly reading: number[] = [];
  readonly told: number[] = [];

  constructor(chunks: number, from: number) {
    this.serving = new Serving(chunks, from);
  }
}

class World {
  readonly receiving: Receiving;
  readonly read: number[] = [];
  holder: Holder;
  breaks = 0;

  constructor(
    readonly chunks: number,
    readonly random: Random,
  ) {
    this.receiving = new Receiving(chunks);
    this.holder = new Holder(chunks, 0);
  }

  step(): void {
    const { holder, receiving } = this;
    const choice = Math.floor(this.random() * 4.1);
    if (choice === 0) this.#send(holder);
    else if (choice === 1 && holder.announced.length > 0) this.#announce(holder);
    else if (choice === 2 && holder.reading.length > 0) this.#finish(holder);
    else if (choice === 3 && holder.told.length > 0) holder.serving.granted(holder.told.shift() as number);
    else if (choice === 4) {
      this.breaks += 1;
      receiving.restart();
      this.holder = new Holder(this.chunks, receiving.position);
    }
  }

  #send({ serving, places, announced }: Holder): void {
    const index = serving.take();
    if (index === undefined) return;
    places.set(index % WINDOW_CHUNKS, index);
    announced.push(index);
  }

  #announce(holder: Holder): void {
    const index = holder.announced.shift() as number;
    if (this.receiving.began(index) === 'read') holder.reading.push(index);
    else holder.told.push(this.receiving.position);
  }

  #finish({ reading, places, told }: Holder): void {
    const [index] = reading.splice(Math.floor(this.random() * reading.length), 1) as [number];
    expect(places.get(index % WINDOW_CHUNKS)).toBe(index);
    this.read.push(index);
    this.receiving.ended(index);
    told.push(this.receiving.position);
  }
}

describe('a transfer', () => {
  it('ends with every chunk read once, whatever breaks', () => {
    let breaks = 0;
    for (let seed = 1; seed <= 300; seed += 1) {
      const random = seededRandom(seed);
      const world = new World(1 + Math.floor(random() * 20), random);
      for (let step = 0; step < 20_000 && !world.receiving.isComplete; step += 1) world.step();
      expect(world.receiving.isComplete, `seed ${seed}`).toBe(true);
      expect(world.read.toSorted((left, right) => left - right)).toEqual(
        Array.from({ length: world.chunks }, (_, index) => index),
      );
      breaks += world.breaks;
    }
    expect(breaks).toBeGreaterThan(100);
  });

  it('is never more than a window ahead of its reader', () => {
    const serving = new Serving(100, 10);
    const sent = Array.from({ length: 10 }, () => serving.take());
    expect(sent).toEqual([10, 11, 12, 13, ...new Array(6).fill(undefined)]);
    serving.granted(12);
    expect([serving.take(), serving.take(), serving.take()]).toEqual([14, 15, undefined]);
    // Nobody can make it send less or more than there is.
    serving.granted(5);
    expect(serving.take()).toBeUndefined();
    serving.granted(1e9);
    expect([serving.isOver, serving.take()]).toEqual([true, undefined]);
  });

  it('has chunks for large buffers only, in one order for both ends', () => {
    expect(planChunks([10, CHUNKED_BYTES_MIN, CHUNK_BYTES + 1, CHUNKED_BYTES_MIN - 1])).toEqual([
      { buffer: 1, from: 0, to: CHUNKED_BYTES_MIN },
      { buffer: 2, from: 0, to: CHUNK_BYTES },
      { buffer: 2, from: CHUNK_BYTES, to: CHUNK_BYTES + 1 },
    ]);
  });
});

describe('the rule', () => {
  const large = { chunkedBytes: 100e6, machine: 'same', readers: 0, copies: 0, from: 'anyone' } as const;

  it.each([
    [
      { ...large, chunkedBytes: 0 },
      { pattern: 'request-reply', medium: 'frames' },
    ],
    [large, { pattern: 'dealer-router', medium: 'memory' }],
    [
      { ...large, machine: 'other' },
      { pattern: 'dealer-router', medium: 'frames' },
    ],
    [
      { ...large, readers: READERS_MAX },
      { pattern: 'dealer-router', medium: 'memory' },
    ],
    [{ ...large, readers: READERS_MAX, copies: 1 }, { pattern: 'refer' }],
    [
      { ...large, readers: READERS_MAX, copies: 1, from: 'holder' },
      { pattern: 'dealer-router', medium: 'memory' },
    ],
    [
      { ...large, readers: READERS_MAX - 1, copies: 9 },
      { pattern: 'dealer-router', medium: 'memory' },
    ],
  ] as const)('for %o is %o', (request, choice) => {
    expect(pickTransfer(request)).toEqual(choice);
  });
});

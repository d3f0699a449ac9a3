import { seededRandom } from '@anant/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from './event-queue.js';
import { type LinkOptions, SimDisk, SimDiskError, SimWorld } from './index.js';

/** Nodes that pass a token on at random, with a timer beside. */
function tokenRing(seed: number, link: LinkOptions = {}): SimWorld {
  const world = new SimWorld({ seed, link });
  const pass = (from: number) => world.send(from, Math.floor(world.random() * 5), 'token', 10);
  for (let node = 0; node < 5; node++) {
    const number = world.addNode({
      receive: () => pass(number),
      wake: () => {
        pass(number);
        world.setTimer(number, 50);
      },
    });
    world.setTimer(number, 10 * node);
  }
  return world;
}

describe('SimWorld', () => {
  it('gives the same trace for the same seed, and another for another', () => {
    const hashOf = (seed: number) => {
      const world = tokenRing(seed, { loss: 0.1, duplicate: 0.05 });
      world.run({ untilMs: 500 });
      return world.traceHash();
    };
    expect(hashOf(7)).toBe(hashOf(7));
    expect(hashOf(8)).not.toBe(hashOf(7));
  });

  it('keeps what arrives for a paused process until it goes on, in order, up to the inbox bound', () => {
    const world = new SimWorld({ seed: 1, link: { delay: { type: 'fixed', ms: 1 } }, inboxMessagesMax: 3 });
    const heard: unknown[] = [];
    const sender = world.addNode({ receive: () => {}, wake: () => {} });
    const paused = world.addNode({
      receive: (message) => heard.push([message, world.nowMs]),
      wake: (payload) => heard.push([payload, world.nowMs]),
    });
    world.pause(paused, 100);
    world.setTimer(paused, 5, 'timer');
    for (const message of ['a', 'b', 'c', 'd']) world.send(sender, paused, message);
    world.run({ untilMs: 1000 });
    expect(heard).toEqual([
      ['a', 100],
      ['b', 100],
      ['c', 100],
      ['timer', 100],
    ]);
    expect(world.dropped.inboxFull).toBe(1);
  });

  it('forgets what a paused process had not read, or held back, when it is crashed', () => {
    const world = new SimWorld({ seed: 1, link: { delay: { type: 'fixed', ms: 1 } } });
    const heard: unknown[] = [];
    const handler = { receive: (message: unknown) => heard.push(message), wake: () => {} };
    const other = world.addNode(handler);
    const node = world.addNode(handler);
    world.pause(node, 100);
    world.pause(node, 100, 'messages');
    world.send(other, node, 'unread');
    world.send(node, other, 'held back');
    world.at(50, () => world.crash(node));
    world.at(60, () => {
      world.restart(node, handler);
      world.send(other, node, 'to the next');
    });
    world.run({ untilMs: 1000 });
    expect(heard).toEqual(['to the next']);
    expect(world.dropped.nodeDown).toBe(1);
  });

  it('lets timers run while only messages are held, and delivers those sent meanwhile afterwards', () => {
    const world = new SimWorld({ seed: 1, link: { delay: { type: 'fixed', ms: 1 } } });
    const heard: unknown[] = [];
    const receiver = world.addNode({ receive: () => heard.push(world.nowMs), wake: () => {} });
    const held = world.addNode({ receive: () => {}, wake: () => world.send(held, receiver, 'late') });
    world.pause(held, 100, 'messages');
    world.setTimer(held, 10);
    world.run({ untilMs: 1000 });
    expect(heard).toEqual([101]);
  });

  it('forgets the timers of a crashed process', () => {
    const world = new SimWorld({ seed: 1 });
    const woken: unknown[] = [];
    const handler = { receive: () => {}, wake: (payload: unknown) => woken.push(payload) };
    const node = world.addNode(handler);
    world.setTimer(node, 10, 'old');
    world.crash(node);
    world.restart(node, handler);
    world.setTimer(node, 20, 'new');
    world.run({ untilMs: 100 });
    expect(woken).toEqual(['new']);
  });

  it('runs a fast clock fast', () => {
    const world = new SimWorld({ seed: 1 });
    let wokenMs = 0;
    const node = world.addNode({ receive: () => {}, wake: () => (wokenMs = world.nowMs) });
    world.setClock(node, { skewMs: 3_600_000, driftPpm: 1_000_000 });
    world.setTimer(node, 100);
    world.run({ untilMs: 1000 });
    expect(wokenMs).toBe(50);
    expect(world.localMs(node)).toBe(3_602_000);
  });

  it('cuts one way, partitions, heals and limits bandwidth', () => {
    const world = new SimWorld({ seed: 1, link: { delay: { type: 'fixed', ms: 0 } } });
    const heard: string[] = [];
    for (let node = 0; node < 3; node++)
      world.addNode({ receive: (message, from) => heard.push(`${from}>${node} ${message}`), wake: () => {} });
    world.network.cutOneWay([0], [1]);
    world.send(0, 1, 'cut');
    world.send(1, 0, 'open');
    world.run({ untilMs: 1 });
    world.network.heal();
    world.network.partition([[0, 1], [2]]);
    world.send(0, 2, 'parted');
    world.send(0, 1, 'same side');
    world.run({ untilMs: 2 });
    world.network.heal();
    world.network.setLink(0, 2, { bytesPerSecond: 1000, queueBytesMax: 250 });
    for (let index = 0; index < 4; index++) world.send(0, 2, index, 100);
    world.run({ untilMs: 10_000 });
    expect(heard).toEqual(['1>0 open', '0>1 same side', '0>2 0', '0>2 1']);
  });
});

describe('EventQueue', () => {
  it('pops by time, then by order of pushing, without the cancelled', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(50), fc.boolean()), { maxLength: 300 }), (wanted) => {
        const queue = new EventQueue();
        const handles = wanted.map(([atMs], index) => queue.push(atMs, 1, index, 0, index));
        wanted.forEach(([, isCancelled], index) => {
          if (isCancelled) expect(queue.cancel(handles[index]!)).toBe(true);
        });
        const popped: number[] = [];
        while (queue.pop()) popped.push(queue.payload as number);
        const expected = wanted
          .map(([atMs, isCancelled], index) => ({ atMs, isCancelled, index }))
          .filter(({ isCancelled }) => !isCancelled)
          .sort((left, right) => left.atMs - right.atMs || left.index - right.index)
          .map(({ index }) => index);
        expect(popped).toEqual(expected);
        expect(queue.size).toBe(0);
        for (const handle of handles) expect(queue.cancel(handle)).toBe(false);
      }),
    );
  });
});

describe('SimDisk', () => {
  const bytesOf = (length: number, value: number) => new Uint8Array(length).fill(value);

  it('keeps what was synced through a crash, and sectors of the rest at most', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(4000), fc.nat(4000), (seed, synced, unsynced) => {
        const disk = new SimDisk({ random: seededRandom(seed) });
        disk.append('log', bytesOf(synced, 1));
        disk.sync('log');
        disk.append('log', bytesOf(unsynced, 2));
        disk.crash();
        const after = disk.read('log');
        expect(after.length).toBeGreaterThanOrEqual(synced);
        expect(after.length).toBeLessThanOrEqual(synced + unsynced);
        expect(after.subarray(0, synced).every((value) => value === 1)).toBe(true);
      }),
    );
  });

  it('fails a write without room, and a sync when told to', () => {
    const disk = new SimDisk({ random: seededRandom(1), capacityBytes: 10 });
    disk.append('log', bytesOf(8, 1));
    disk.sync('log');
    expect(() => disk.append('log', bytesOf(8, 1))).toThrow(SimDiskError);
    expect(disk.sizeBytes('log')).toBe(8);
    disk.append('log', bytesOf(2, 2));
    disk.failSyncs(1);
    expect(() => disk.sync('log')).toThrow('EIO');
    disk.sync('log');
    expect(disk.read('log')).toEqual(bytesOf(8, 1));
  });
});

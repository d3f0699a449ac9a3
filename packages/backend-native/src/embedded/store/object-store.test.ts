import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomInteger, seededRandom } from '@anant/core/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NativeObjectStore } from './object-store.js';
import { SpillFolder } from './spill-folder.js';

const KIBIBYTE = 1024;
const LARGE = 128 * KIBIBYTE;

function open(spillBytesMax = 1024 * KIBIBYTE) {
  const parent = mkdtempSync(join(tmpdir(), 'anant-store-'));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const store = new NativeObjectStore(64 * 1024 * KIBIBYTE, spillBytesMax, new SpillFolder(parent));
  const files = () => readdirSync(parent).flatMap((name) => readdirSync(join(parent, name)));
  return { store, parent, files };
}

const filled = (byte: number, bytes = LARGE) => new Uint8Array(bytes).fill(byte);

describe('objects on disk', () => {
  it('go there oldest first, and come back as they were', () => {
    const { store, files } = open();
    for (const byte of [1, 2, 3]) store.put(`o${byte}`, { data: filled(byte), more: [filled(byte, 10)] });
    store.share('o1');
    expect(store.spill(1)).toBeGreaterThan(LARGE);
    expect(files()).toHaveLength(1);
    expect(store.spilledBytes).toBeGreaterThan(LARGE);
    // `o1` was used last, so `o2` went.
    expect(store.read('o2')).toEqual({ data: filled(2), more: [filled(2, 10)] });
    expect([files().length, store.spilledBytes]).toEqual([0, 0]);
    store.spill(Number.POSITIVE_INFINITY);
    expect(files()).toHaveLength(3);
    expect(store.share('o3')).toMatchObject({ data: filled(3) });
    expect(store.encoded('o1')?.buffers[0]?.[0]).toBe(1);
  });

  it('stay in memory when they are small, or when the disk has its fill', () => {
    const { store } = open(LARGE + KIBIBYTE);
    store.put('small', filled(1, KIBIBYTE));
    for (const byte of [1, 2]) store.put(`o${byte}`, filled(byte));
    store.spill(Number.POSITIVE_INFINITY);
    expect(store.spilledBytes).toBeLessThan(LARGE + KIBIBYTE);
    expect(store.spill(1)).toBe(0);
  });

  it('leave nothing behind: released, replaced, cleared', () => {
    const { store, files, parent } = open();
    for (const byte of [1, 2, 3]) store.put(`o${byte}`, filled(byte));
    store.spill(Number.POSITIVE_INFINITY);
    store.release(['o1']);
    store.put('o2', filled(9));
    expect(files()).toHaveLength(1);
    expect(store.read('o2')).toEqual(filled(9));
    store.clear();
    expect(readdirSync(parent)).toEqual([]);
  });

  it('are lost when the disk lost them, by name', () => {
    const { store, parent } = open();
    store.put('gone', filled(1));
    store.spill(1);
    for (const name of readdirSync(parent)) writeFileSync(join(parent, name, '1'), 'cut');
    expect(() => store.read('gone')).toThrow(expect.objectContaining({ code: 'E_OBJECT_LOST' }));
  });

  it('of a process that was killed are removed by the next one', () => {
    const { store, parent } = open();
    const dead = mkdtempSync(join(parent, 'anant-spill-999999999-'));
    const alive = mkdtempSync(join(parent, `anant-spill-${process.pid}-`));
    store.put('o', filled(1));
    store.spill(1);
    expect([existsSync(dead), existsSync(alive)]).toEqual([false, true]);
  });

  it.each([1, 2, 3])('never change what is read, whatever is done (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const { store, files } = open();
    const model = new Map<string, number>();
    for (let step = 0; step < 300; step++) {
      const id = `o${randomInteger(random, 8)}`;
      const byte = randomInteger(random, 256);
      const action = randomInteger(random, 4);
      if (action === 0) store.put(id, filled(byte, 70 * KIBIBYTE)) && model.set(id, byte);
      else if (action === 1) store.release([id]) ?? model.delete(id);
      else if (action === 2) store.spill(randomInteger(random, 300 * KIBIBYTE));
      else if (model.has(id)) expect((store.read(id) as Uint8Array)[0]).toBe(model.get(id));
    }
    expect(store.size).toBe(model.size);
    for (const [id, byte] of model) expect((store.read(id) as Uint8Array)[0]).toBe(byte);
    expect([files().length, store.spilledBytes]).toEqual([0, 0]);
  });
});

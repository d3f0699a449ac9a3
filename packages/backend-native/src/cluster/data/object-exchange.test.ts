/** Large objects between real data endpoints: whole, in chunks, on after a break, and from those who have a copy. */
import { chmodSync } from 'node:fs';
import type { EncodedValue } from '@anant/core/codec';
import { afterEach, describe, expect, it } from 'vitest';
import { CHUNK_BYTES } from '../../protocol/transfer/index.js';
import { DATA_KIND } from './data-message.js';
import { type DataMessage, DataPlane } from './data-plane.js';
import { ObjectExchange } from './object-exchange.js';
import { decodeMore } from './object-messages.js';

const SECRET = new Uint8Array(16).fill(5);

/** One endpoint with what it holds. */
class Node {
  readonly held = new Map<string, EncodedValue>();
  /** Objects and chunks that it got, in chunks counted. */
  readonly seen: number[] = [];
  /** Called before a message is taken in. */
  watch: (message: DataMessage) => void = () => {};
  readonly exchange: ObjectExchange;

  private constructor(readonly plane: DataPlane) {
    plane.secret = SECRET;
    this.exchange = new ObjectExchange(
      plane,
      () => SECRET,
      (id) => this.held.get(id),
    );
    plane.serve({
      onMessage: (message) => {
        this.seen.push(message.kind);
        this.watch(message);
        this.exchange.receive(message);
      },
    });
  }

  static async open(): Promise<Node> {
    const node = new Node(await DataPlane.open({ accepts: [] }));
    nodes.push(node);
    return node;
  }

  fetch(address: string, memory: 'shared' | 'own' = 'shared'): Promise<EncodedValue> {
    return this.exchange.fetch({ id: 'object', address, secretOf: () => SECRET, memory });
  }

  close(): void {
    this.exchange.close();
    this.plane.close();
  }
}

const nodes: Node[] = [];
afterEach(() => {
  for (const node of nodes.splice(0)) node.close();
});

function large(bytes: number): Uint8Array {
  const buffer = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 1) buffer[at] = at * 31 + (at >> 12);
  return buffer;
}

/** Two large buffers, and small ones around them. */
const sample: EncodedValue = {
  body: Uint8Array.of(1, 2, 3),
  buffers: [
    new Uint8Array(100).fill(1),
    large(5 * CHUNK_BYTES + 12_345),
    new Uint8Array(0),
    large(CHUNK_BYTES),
    new Uint8Array(7).fill(9),
  ],
};

const CHUNKS = 7;

function expectEqual(got: EncodedValue, wanted: EncodedValue): void {
  expect(Buffer.from(got.body)).toEqual(Buffer.from(wanted.body));
  expect(got.buffers.map(({ byteLength }) => byteLength)).toEqual(
    wanted.buffers.map(({ byteLength }) => byteLength),
  );
  for (const [index, buffer] of got.buffers.entries())
    expect(Buffer.compare(buffer, wanted.buffers[index] as Uint8Array)).toBe(0);
}

/** Fetches it, and waits until the holder knows that there is a copy now. */
async function copy(reader: Node, holder: Node): Promise<void> {
  const isKnown = new Promise<void>((resolve) => {
    holder.watch = ({ kind, payload }) => {
      if (kind === DATA_KIND.more && decodeMore(payload).position === CHUNKS) resolve();
    };
  });
  reader.held.set('object', await reader.fetch(holder.plane.address));
  await isKnown;
}

const chunksOf = ({ seen }: Node): number => seen.filter((kind) => kind === DATA_KIND.chunk).length;

describe('objects between nodes', () => {
  it('cross through memory on one machine, into the kind of memory that was asked for', async () => {
    const [holder, reader] = [await Node.open(), await Node.open()];
    holder.held.set('object', sample);
    const shared = await reader.fetch(holder.plane.address);
    expectEqual(shared, sample);
    expect(shared.buffers[1]?.buffer).toBeInstanceOf(SharedArrayBuffer);
    const own = await reader.fetch(holder.plane.address, 'own');
    expectEqual(own, sample);
    expect(own.buffers[1]?.buffer).toBeInstanceOf(ArrayBuffer);
    expect(chunksOf(reader)).toBe(2 * CHUNKS);
  });

  it('cross as frames with sums between machines', async () => {
    const [holder, reader] = [await Node.open(), await Node.open()];
    holder.held.set('object', sample);
    // A folder that others may enter is not used.
    chmodSync(reader.plane.folder, 0o755);
    expectEqual(await reader.fetch(holder.plane.address), sample);
    expect(chunksOf(reader)).toBe(CHUNKS);
  });

  it('go on with another holder, from the chunk that is missing, when the first one ends', async () => {
    const [first, second, reader] = [await Node.open(), await Node.open(), await Node.open()];
    first.held.set('object', sample);
    // The second one has a copy: the first one names it.
    await copy(second, first);
    let chunks = 0;
    reader.watch = ({ kind }) => {
      if (kind !== DATA_KIND.chunk) return;
      chunks += 1;
      if (chunks !== 3) return;
      first.close();
      reader.exchange.lose(first.plane.address);
    };
    const asked: number[] = [];
    second.watch = ({ kind }) => asked.push(kind);
    expectEqual(await reader.fetch(first.plane.address), sample);
    expect(asked).toContain(DATA_KIND.fetch);
    // What was here already did not come again, but for what was on its way.
    expect(chunksOf(reader)).toBeLessThan(2 * CHUNKS);
  });

  it('come from those who have a copy when many want them', async () => {
    const holder = await Node.open();
    holder.held.set('object', sample);
    const readers = await Promise.all(Array.from({ length: 6 }, () => Node.open()));
    await copy(readers[0] as Node, holder);
    const got = await Promise.all(readers.slice(1).map((reader) => reader.fetch(holder.plane.address)));
    for (const value of got) expectEqual(value, sample);
    expect(readers[0]?.seen.filter((kind) => kind === DATA_KIND.fetch).length).toBeGreaterThan(0);
  });

  it('are lost when nobody has them, and found at the holder when a copy is gone', async () => {
    const [holder, other, reader] = [await Node.open(), await Node.open(), await Node.open()];
    await expect(reader.fetch(holder.plane.address)).rejects.toThrow(/does not have it/);
    holder.held.set('object', sample);
    await copy(other, holder);
    other.held.clear();
    // It is named as one that has a copy, but keeps none.
    const got = await Promise.all([0, 1, 2, 3].map(() => reader.fetch(holder.plane.address)));
    for (const value of got) expectEqual(value, sample);
  });
});

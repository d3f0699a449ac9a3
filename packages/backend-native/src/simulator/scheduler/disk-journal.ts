/**
 * The head's journal on the simulated disk. It promises what the lmdb file promises: entries count when their sync
 * returned and the mark after it is on disk; a failed sync proves nothing, everything since the last mark is written again.
 */
import { decodeEntry, encodeEntry } from '../../cluster/journal/entry-codec.js';
import type { JournalEntry, JournalRecord } from '../../protocol/scheduler/index.js';
import { SECTOR_BYTES, type SimDisk } from '../sim-disk.js';

const MARK = 'mark';
const LENGTH_BYTES = 4;

interface Mark {
  readonly generation: number;
  readonly bytes: number;
}

export class DiskJournal {
  readonly #disk: SimDisk;
  #mark: Mark = { generation: 0, bytes: 0 };
  /** Entries not yet durable, in order. */
  #pending: JournalEntry[] = [];

  constructor(disk: SimDisk) {
    this.#disk = disk;
  }

  get pending(): number {
    return this.#pending.length;
  }

  /** @throws AnantError E_JOURNAL when what was durable is not whole. */
  recover(apply: (entry: JournalEntry) => void): void {
    this.#mark = this.#readMark();
    const name = this.#file();
    if (this.#disk.sizeBytes(name) === 0) return;
    // What was written after the last mark does not count, whether it is whole or torn.
    this.#disk.truncate(name, this.#mark.bytes);
    const bytes = Buffer.from(this.#disk.read(name));
    for (let at = 0; at < bytes.length; ) {
      const length = bytes.readUInt32LE(at);
      apply(
        decodeEntry(bytes.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length), `the entry at byte ${at}`),
      );
      at += LENGTH_BYTES + length;
    }
  }

  append(entry: JournalEntry): void {
    this.#pending.push(entry);
  }

  /** What waits will not be written: something that replaces it is durable. */
  forget(): void {
    this.#pending = [];
  }

  /** Writes what waits. @returns the index that is durable now. @throws SimDiskError; then nothing of it counts. */
  sync(): number {
    const entries = this.#pending;
    const name = this.#file();
    if (this.#disk.sizeBytes(name) > this.#mark.bytes) this.#disk.truncate(name, this.#mark.bytes);
    const frames = Buffer.concat(entries.flatMap(frame));
    this.#disk.append(name, frames);
    this.#disk.sync(name);
    this.#writeMark({ generation: this.#mark.generation, bytes: this.#mark.bytes + frames.length });
    this.#pending = [];
    return entries.at(-1)!.index;
  }

  /** Begins a new file with a snapshot. Only with nothing pending. @throws SimDiskError; then the old file goes on. */
  compact(epoch: number, index: number, records: readonly JournalRecord[]): void {
    const generation = this.#mark.generation + 1;
    const name = `journal-${generation}`;
    this.#disk.remove(name);
    const frames = Buffer.concat(frame({ epoch, index, records }));
    this.#disk.append(name, frames);
    this.#disk.sync(name);
    const old = this.#file();
    this.#writeMark({ generation, bytes: frames.length });
    this.#disk.remove(old);
  }

  #file(): string {
    return `journal-${this.#mark.generation}`;
  }

  #readMark(): Mark {
    if (this.#disk.sizeBytes(MARK) === 0) return this.#mark;
    const bytes = Buffer.from(this.#disk.read(MARK));
    return { generation: bytes.readUInt32LE(0), bytes: bytes.readUInt32LE(4) };
  }

  /** One sector: it is there or it is not. */
  #writeMark(mark: Mark): void {
    const bytes = Buffer.alloc(SECTOR_BYTES);
    bytes.writeUInt32LE(mark.generation, 0);
    bytes.writeUInt32LE(mark.bytes, 4);
    this.#disk.write(MARK, 0, bytes);
    this.#disk.sync(MARK);
    this.#mark = mark;
  }
}

function frame(entry: JournalEntry): Buffer[] {
  const bytes = encodeEntry(entry);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(bytes.byteLength, 0);
  return [length, Buffer.from(bytes)];
}

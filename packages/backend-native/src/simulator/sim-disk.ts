/**
 * A disk that loses what was not synced. Writes go to a cache; a crash keeps any subset of the unsynced sectors, so a
 * record may be torn in the middle or at its end. Full disks, failing syncs and flipped bits can be asked for.
 */
import type { Random } from '@anant/core';
import { randomInteger } from '@anant/core/testing';

/** What survives a crash survives in whole sectors. */
export const SECTOR_BYTES = 512;

export interface SimDiskOptions {
  readonly random: Random;
  /** Bytes of all files together; a write beyond fails with ENOSPC and changes nothing. @default unlimited */
  readonly capacityBytes?: number;
}

/** Sectors that a crash keeps of what was not synced: each by chance, or a torn tail (a prefix only), or none. */
export type CrashTear = 'sectors' | 'tail' | 'nothing';

export class SimDiskError extends Error {
  constructor(
    readonly code: 'ENOENT' | 'ENOSPC' | 'EIO',
    message: string,
  ) {
    super(`${code}: ${message}`);
    this.name = 'SimDiskError';
  }
}

interface SimFile {
  durable: Uint8Array;
  cached: Uint8Array;
  /** Sector numbers written since the last sync, in order of writing. */
  dirty: Set<number>;
}

export class SimDisk {
  readonly counts = { writes: 0, syncs: 0, crashes: 0 };
  readonly #random: Random;
  readonly #files = new Map<string, SimFile>();
  #capacityBytes: number;
  #failingSyncs = 0;

  constructor(options: SimDiskOptions) {
    this.#random = options.random;
    this.#capacityBytes = options.capacityBytes ?? Number.POSITIVE_INFINITY;
  }

  list(): readonly string[] {
    return [...this.#files.keys()].sort();
  }

  /** What a reader sees: the cache, synced or not. @throws SimDiskError ENOENT */
  read(name: string): Uint8Array {
    return this.#of(name).cached.slice();
  }

  sizeBytes(name: string): number {
    return this.#files.get(name)?.cached.length ?? 0;
  }

  /** Writes into the cache; makes the file. @throws SimDiskError ENOSPC, having written nothing. */
  write(name: string, offset: number, bytes: Uint8Array): void {
    const file = this.#files.get(name) ?? {
      durable: new Uint8Array(),
      cached: new Uint8Array(),
      dirty: new Set(),
    };
    const length = Math.max(file.cached.length, offset + bytes.length);
    const usedBytes = [...this.#files.values()].reduce((sum, { cached }) => sum + cached.length, 0);
    if (usedBytes + length - file.cached.length > this.#capacityBytes)
      throw new SimDiskError('ENOSPC', `no room for ${bytes.length} bytes in "${name}"`);
    this.#files.set(name, file);
    file.cached = resized(file.cached, length);
    file.cached.set(bytes, offset);
    const lastSector = Math.floor((offset + bytes.length - 1) / SECTOR_BYTES);
    for (let sector = Math.floor(offset / SECTOR_BYTES); sector <= lastSector; sector++)
      file.dirty.add(sector);
    this.counts.writes += 1;
  }

  append(name: string, bytes: Uint8Array): void {
    this.write(name, this.sizeBytes(name), bytes);
  }

  /** Cuts the file; durable at once, as journals truncate only while recovering. */
  truncate(name: string, lengthBytes: number): void {
    const file = this.#of(name);
    file.cached = file.cached.slice(0, lengthBytes);
    file.durable = file.durable.slice(0, lengthBytes);
  }

  /** Atomic and durable. */
  rename(from: string, to: string): void {
    this.#files.set(to, this.#of(from));
    this.#files.delete(from);
  }

  remove(name: string): void {
    this.#files.delete(name);
  }

  /** Makes what was written durable. @throws SimDiskError EIO when told to fail; the dirty sectors are then lost. */
  sync(name: string): void {
    const file = this.#of(name);
    this.counts.syncs += 1;
    if (this.#failingSyncs > 0) {
      this.#failingSyncs -= 1;
      // As Linux does: a failed fsync marks the pages clean, so a second one proves nothing.
      file.cached = file.durable.slice();
      file.dirty.clear();
      throw new SimDiskError('EIO', `sync of "${name}" failed`);
    }
    file.durable = file.cached.slice();
    file.dirty.clear();
  }

  /** The next `count` syncs fail. */
  failSyncs(count: number): void {
    this.#failingSyncs = count;
  }

  setCapacity(bytes: number): void {
    this.#capacityBytes = bytes;
  }

  /** Power loss: unsynced sectors survive as `tear` says. */
  crash(tear: CrashTear = 'sectors'): void {
    this.counts.crashes += 1;
    for (const file of this.#files.values()) {
      const dirty = [...file.dirty];
      const kept = tear === 'nothing' ? [] : tear === 'tail' ? this.#prefix(dirty) : this.#subset(dirty);
      for (const sector of kept) keepSector(file, sector);
      file.cached = file.durable.slice();
      file.dirty.clear();
    }
  }

  /** Turns one bit of what is durable. */
  flipBit(name: string, byte: number): void {
    const file = this.#of(name);
    const mask = 1 << randomInteger(this.#random, 8);
    file.durable[byte]! ^= mask;
    file.cached[byte]! ^= mask;
  }

  #prefix(dirty: readonly number[]): readonly number[] {
    return dirty.slice(0, randomInteger(this.#random, dirty.length + 1));
  }

  #subset(dirty: readonly number[]): readonly number[] {
    return dirty.filter(() => this.#random() < 0.5);
  }

  #of(name: string): SimFile {
    const file = this.#files.get(name);
    if (file === undefined) throw new SimDiskError('ENOENT', `no file "${name}"`);
    return file;
  }
}

function keepSector(file: SimFile, sector: number): void {
  const start = sector * SECTOR_BYTES;
  const bytes = file.cached.subarray(start, start + SECTOR_BYTES);
  file.durable = resized(file.durable, Math.max(file.durable.length, start + bytes.length));
  file.durable.set(bytes, start);
}

function resized(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length >= length) return bytes;
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
}

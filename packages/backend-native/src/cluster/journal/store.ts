/** The file of a journal: entries by index and a snapshot, in one lmdb environment. Synchronous; lives in its own thread. */
import { mkdirSync, statfsSync } from 'node:fs';
import { type Database, open, type RootDatabase } from 'lmdb';
import type { JournalLevel } from './journal.js';

/** Room the file may take; lmdb reserves addresses, not disk. */
const FILE_BYTES_MAX = 64 * 1024 ** 3;
/** Less than this free counts as a full disk. */
const ROOM_BYTES_MIN = 1024 * 1024;

type Bytes = Uint8Array;

export class JournalStore {
  readonly #path: string;
  readonly #level: JournalLevel;
  #root: RootDatabase<unknown, string>;
  #entries: Database<Bytes, number>;
  #snapshots: Database<Bytes, [generation: number, part: number]>;
  #meta: Database<number, string>;

  /** @throws whatever keeps lmdb from opening the folder. */
  constructor(path: string, level: JournalLevel) {
    this.#path = path;
    this.#level = level;
    mkdirSync(path, { recursive: true });
    this.#root = this.#open();
    this.#entries = this.#entriesOf();
    this.#snapshots = this.#snapshotsOf();
    this.#meta = this.#metaOf();
  }

  /** Durable on return, as far as the level goes. @throws when it cannot be; then nothing of it counts. */
  append(entries: readonly { readonly index: number; readonly bytes: Bytes }[]): void {
    this.#root.transactionSync(() => {
      for (const { index, bytes } of entries) this.#entries.putSync(index, bytes as never);
    });
  }

  /** Removes what was put of a snapshot that never came to count. @returns the number of the one that may begin now */
  beginSnapshot(): number {
    const { generation } = this;
    this.#dropParts(generation);
    return generation + 1;
  }

  /** Puts one part of a snapshot that does not count yet. */
  addPart(generation: number, part: number, bytes: Bytes): void {
    this.#snapshots.putSync([generation, part], bytes as never);
  }

  /** From now on the snapshot replaces every entry up to `index`, or all. */
  commitSnapshot(generation: number, index: number, scope: 'until' | 'all'): void {
    this.#root.transactionSync(() => {
      if (scope === 'all') for (const key of [...this.#entries.getKeys()]) this.#entries.removeSync(key);
      this.#meta.putSync('generation', generation);
      this.#meta.putSync('index', index);
    });
    this.#dropParts(generation);
    this.#root.transactionSync(() => {
      for (const key of this.#entries.getKeys({ end: index + 1 })) this.#entries.removeSync(key);
    });
  }

  #dropParts(generation: number): void {
    for (const key of this.#snapshots.getKeys()) if (key[0] !== generation) this.#snapshots.removeSync(key);
  }

  /** Everything that counts, in order: the parts of the snapshot, then the entries after it. */
  *read(): Iterable<{ readonly where: string; readonly bytes: Bytes }> {
    const generation = this.generation;
    for (const { key, value } of this.#snapshots.getRange({
      start: [generation, 0],
      end: [generation + 1, 0],
    }))
      yield { where: `part ${key[1]} of the snapshot`, bytes: value };
    const after = this.#meta.get('index') ?? 0;
    for (const { key, value } of this.#entries.getRange({ start: after + 1 }))
      yield { where: `entry ${key}`, bytes: value };
  }

  /** Number of the snapshot that counts; 0 without one. */
  get generation(): number {
    return this.#meta.get('generation') ?? 0;
  }

  /** After a failed write the environment may not be usable any more. @throws as the constructor. */
  async reopen(): Promise<void> {
    await this.#root.close().catch(() => {});
    this.#root = this.#open();
    this.#entries = this.#entriesOf();
    this.#snapshots = this.#snapshotsOf();
    this.#meta = this.#metaOf();
  }

  /** Why writing failed, for people. */
  explain(error: unknown): string {
    const { bavail, bsize } = statfsSync(this.#path);
    if (bavail * bsize < ROOM_BYTES_MIN) return `the disk under "${this.#path}" is full.`;
    return `writing to "${this.#path}" failed: ${error instanceof Error ? error.message : String(error)}.`;
  }

  async close(): Promise<void> {
    await this.#root.close();
  }

  #open(): RootDatabase<unknown, string> {
    return open<unknown, string>({
      path: this.#path,
      noSubdir: false,
      mapSize: FILE_BYTES_MAX,
      maxDbs: 4,
      // A commit returns when it is on disk, not when it will be.
      overlappingSync: false,
      noSync: this.#level !== 'fsync',
    });
  }

  #entriesOf(): Database<Bytes, number> {
    return this.#root.openDB<Bytes, number>({ name: 'entries', encoding: 'binary' });
  }

  #snapshotsOf(): Database<Bytes, [number, number]> {
    return this.#root.openDB<Bytes, [number, number]>({ name: 'snapshots', encoding: 'binary' });
  }

  #metaOf(): Database<number, string> {
    return this.#root.openDB<number, string>({ name: 'meta', encoding: 'json' });
  }
}

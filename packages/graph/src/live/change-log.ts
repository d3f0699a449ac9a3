/**
 * Where a live hypergraph keeps its batches so that they survive: an LMDB store beside the last base, in one folder.
 * Batches that are appended while one is being written go into the same transaction (group commit).
 */
import { mkdir, open as openFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AnantError } from '@anant/core';
import { decodeMessage, encodeMessage } from '@anant/core/codec';
import type { RootDatabase } from 'lmdb';
import { fileFormatError } from '../formats/file-error.js';
import type { GraphChange } from './change.js';

/**
 * What a batch has survived when `apply` resolves. `process`: the end of this process (written to the system's cache).
 * `power`: also the loss of power (flushed to the disk).
 */
export type Durability = 'process' | 'power';

/** Largest batch, encoded. */
export const BATCH_BYTES_MAX = 1_073_741_824;

/** Format 2 added changes of single incidences; a log of format 1 reads as it is. */
const FORMAT = 2;
const FORMATS_READ: readonly number[] = [1, FORMAT];
const FILE = 'changes.mdb';

/** Where LMDB keeps its magic number, in its first page. */
const MAGIC_AT = 24;
const MAGIC = 0xbeef_c0de;
const PAGE_BYTES = 4_096;

/** What the newest checkpoint says. */
export interface Checkpoint {
  /** Batches that are in the base. */
  readonly epoch: number;
  /** Next free id for hyperedges that are added without one. */
  readonly nextId: number;
  /** The base beside the store; none before the first checkpoint. */
  readonly file?: string;
}

interface StoredCheckpoint extends Checkpoint {
  readonly format: number;
}

type Store = RootDatabase<Uint8Array, string | number>;

const CHECKPOINT_KEY = 'checkpoint';
const FIRST: Checkpoint = { epoch: 0, nextId: 0 };

export class ChangeLog {
  readonly folder: string;
  readonly #store: Store;
  readonly #durability: Durability;

  private constructor(folder: string, store: Store, durability: Durability) {
    this.folder = folder;
    this.#store = store;
    this.#durability = durability;
  }

  /**
   * @throws AnantError `E_FILE_WRITE` when the folder cannot be made or the store not be opened, `E_FILE_FORMAT` when
   * what is there is no store
   */
  static async open(folder: string, durability: Durability): Promise<ChangeLog> {
    const { open } = await import('lmdb');
    try {
      await mkdir(folder, { recursive: true });
    } catch (cause) {
      throw writeError(folder, cause);
    }
    await checkStore(join(folder, FILE));
    try {
      const store = open<Uint8Array, string | number>({
        path: join(folder, FILE),
        encoding: 'binary',
      });
      return new ChangeLog(folder, store, durability);
    } catch (cause) {
      throw writeError(folder, cause);
    }
  }

  /** The newest checkpoint. @throws AnantError `E_FILE_FORMAT` when another version of Anant wrote it */
  checkpoint(): Checkpoint {
    const bytes = this.#store.get(CHECKPOINT_KEY);
    if (bytes === undefined) return FIRST;
    const stored = decodeMessage(bytes) as StoredCheckpoint;
    if (FORMATS_READ.includes(stored.format)) return stored;
    throw fileFormatError(
      { path: this.folder },
      `its log has format ${stored.format}, this version reads ${FORMATS_READ.join(' and ')}`,
    );
  }

  /**
   * All batches after an epoch, in order, none missing.
   * @throws AnantError `E_FILE_FORMAT` when one is missing or cannot be read
   */
  *batchesAfter(
    epoch: number,
  ): Generator<{ readonly epoch: number; readonly changes: readonly GraphChange[] }> {
    let expected = epoch + 1;
    for (const { key, value } of this.#store.getRange({ start: expected, end: Number.MAX_SAFE_INTEGER })) {
      if (key !== expected)
        throw fileFormatError({ path: this.folder }, `batch ${expected} is missing from its log`);
      yield { epoch: expected, changes: decodeBatch(this.folder, expected, value) };
      expected += 1;
    }
  }

  /** Whether no batch is kept. */
  isEmpty(): boolean {
    return this.#store.getKeysCount({ start: 1, end: Number.MAX_SAFE_INTEGER, limit: 1 }) === 0;
  }

  /** Appends a batch as `encodeBatch` gave it. Resolves when it has survived what the durability says. @throws AnantError `E_FILE_WRITE` */
  async append(epoch: number, batch: Uint8Array): Promise<void> {
    await this.#written(this.#store.put(epoch, batch));
  }

  /** Notes a base that holds all batches up to its epoch, and drops those and older bases. @throws AnantError `E_FILE_WRITE` */
  async advance(checkpoint: Checkpoint): Promise<void> {
    const dropped = [...this.#store.getKeys({ start: 0, end: checkpoint.epoch + 1 })];
    await this.#written(
      this.#store.transaction(() => {
        this.#store.put(CHECKPOINT_KEY, encodeMessage({ ...checkpoint, format: FORMAT }));
        for (const key of dropped) this.#store.remove(key);
      }),
    );
    for (const name of await readdir(this.folder)) {
      if (name.endsWith('.anant') && name !== checkpoint.file)
        await rm(join(this.folder, name), { force: true });
    }
  }

  async close(): Promise<void> {
    await this.#store.close();
  }

  async #written(committed: Promise<unknown>): Promise<void> {
    try {
      await committed;
      if (this.#durability === 'power') await this.#store.flushed;
    } catch (cause) {
      throw writeError(this.folder, cause);
    }
  }
}

/** @throws AnantError `E_PAYLOAD_TOO_LARGE`, `E_VALUE_NOT_PORTABLE` */
export function encodeBatch(changes: readonly GraphChange[]): Uint8Array {
  const bytes = encodeMessage(changes, 'changes');
  if (bytes.byteLength <= BATCH_BYTES_MAX) return bytes;
  throw new AnantError(
    'E_PAYLOAD_TOO_LARGE',
    `The batch takes ${bytes.byteLength} bytes; at most ${BATCH_BYTES_MAX} fit.`,
    { advice: 'Apply the changes in several batches.' },
  );
}

function decodeBatch(folder: string, epoch: number, bytes: Uint8Array): readonly GraphChange[] {
  try {
    return decodeMessage(bytes) as readonly GraphChange[];
  } catch (cause) {
    throw fileFormatError({ path: folder }, `batch ${epoch} of its log cannot be read`, { cause });
  }
}

/** LMDB takes the process along when it opens what is no store. @throws AnantError `E_FILE_FORMAT` */
async function checkStore(path: string): Promise<void> {
  const handle = await openFile(path, 'r').catch(() => undefined);
  if (handle === undefined) return;
  try {
    const { size } = await handle.stat();
    const { buffer } = await handle.read(Buffer.alloc(MAGIC_AT + 4), 0, MAGIC_AT + 4, 0);
    const isWhole = size % PAGE_BYTES === 0 && (size === 0 || buffer.readUInt32LE(MAGIC_AT) === MAGIC);
    if (!isWhole) throw fileFormatError({ path }, 'it is no log of a live hypergraph, or it is damaged');
  } finally {
    await handle.close();
  }
}

function writeError(folder: string, cause: unknown): AnantError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AnantError('E_FILE_WRITE', `The log in ${folder} cannot be written: ${reason}`, {
    cause,
    advice: 'Check the permissions and the free space of the disk, then open the graph again.',
  });
}

/**
 * Where the epoch survives what Redis does not. All coordinators of a namespace must share one store, or each must
 * read and raise a majority of theirs (`QuorumEpochStore`): two that raise apart could issue one epoch twice.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AnantError } from '@anant/core';

export interface EpochStore {
  /** The highest epoch that may be in use; 0 before the first. */
  read(): Promise<number>;
  /** Resolves once an epoch of at least `epoch` is durable. Never lowers it. */
  raise(epoch: number): Promise<void>;
}

/** For tests and single processes that need no durability. */
export class MemoryEpochStore implements EpochStore {
  #epoch = 0;

  async read(): Promise<number> {
    return this.#epoch;
  }

  async raise(epoch: number): Promise<void> {
    this.#epoch = Math.max(this.#epoch, epoch);
  }
}

/** One file, replaced by a rename after fsync of file and folder. */
export class FileEpochStore implements EpochStore {
  readonly #file: string;
  readonly #onRaised: (epoch: number) => void;
  #last: Promise<unknown> = Promise.resolve();

  /** @param onRaised called with every epoch that became durable */
  constructor(file: string, onRaised: (epoch: number) => void = () => {}) {
    this.#file = file;
    this.#onRaised = onRaised;
  }

  /** @throws AnantError `E_FILE_FORMAT` when the file is not an epoch: guessing could issue one twice. */
  async read(): Promise<number> {
    const text = await readFile(this.#file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '0';
      throw error;
    });
    const epoch = Number(text);
    if (/^\d+\n?$/.test(text) && Number.isSafeInteger(epoch)) return epoch;
    throw new AnantError('E_FILE_FORMAT', `${this.#file} does not hold an epoch.`, {
      advice: 'Write into it a whole number above every epoch used so far.',
      details: { file: this.#file },
    });
  }

  /** One after the other, so that a lower epoch never lands on top of a higher one. */
  raise(epoch: number): Promise<void> {
    const raised = this.#last.then(() => this.#write(epoch)).then(() => this.#onRaised(epoch));
    this.#last = raised.catch(() => {});
    return raised;
  }

  async #write(epoch: number): Promise<void> {
    if ((await this.read()) >= epoch) return;
    await mkdir(dirname(this.#file), { recursive: true });
    const fresh = `${this.#file}.new`;
    const file = await open(fresh, 'w', 0o600);
    try {
      await file.writeFile(`${epoch}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, this.#file);
    const folder = await open(dirname(this.#file), 'r');
    await folder.sync().finally(() => folder.close());
  }
}

/** One store out of several, of which a minority may be unreachable: any two majorities share a member. */
export class QuorumEpochStore implements EpochStore {
  readonly #stores: readonly EpochStore[];

  constructor(stores: readonly EpochStore[]) {
    if (stores.length === 0) throw new TypeError('A quorum needs at least one store.');
    this.#stores = stores;
  }

  async read(): Promise<number> {
    return Math.max(...(await this.#majority((store) => store.read())));
  }

  async raise(epoch: number): Promise<void> {
    await this.#majority((store) => store.raise(epoch));
  }

  /** @throws AnantError `E_BACKEND_UNAVAILABLE` when fewer than a majority answer. */
  #majority<Answer>(ask: (store: EpochStore) => Promise<Answer>): Promise<Answer[]> {
    const needed = Math.floor(this.#stores.length / 2) + 1;
    const answers: Answer[] = [];
    let failures = 0;
    return new Promise((resolve, reject) => {
      const fail = (cause: unknown) => {
        failures += 1;
        if (this.#stores.length - failures >= needed) return;
        const message = `${failures} of ${this.#stores.length} epoch stores did not answer; ${needed} must.`;
        reject(new AnantError('E_BACKEND_UNAVAILABLE', message, { cause, retryable: true }));
      };
      for (const store of this.#stores) {
        ask(store).then((answer) => {
          answers.push(answer);
          if (answers.length === needed) resolve(answers.slice());
        }, fail);
      }
    });
  }
}

/** A head of several whose lease runs out in the middle of taking over: it stands by again, and leads when it may. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { systemClock } from '@anant/core';
import { eventually } from '@anant/core/testing';
import { expect, it } from 'vitest';
import { Head } from '../head/head.js';
import type { JournalListener } from '../journal/journal.js';
import { MemoryJournal } from '../journal/memory-journal.js';
import { MemoryEpochStore } from '../redis/epoch-store.js';
import type { KeptSet } from '../redis/head-set.js';
import { ModelLeaseStore } from '../redis/testing/model-lease-store.js';
import { HeadNode } from './head-node.js';
import { Replica } from './replica.js';

/** Longer than the lease of a leader. */
const STALL_MS = 3_500;

function standStill(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL_MS);
}

/** The process stands still when the head that takes over begins to listen to its journal: the standby did before. */
class StallingJournal extends MemoryJournal {
  #listeners = 0;

  override listen(listener: JournalListener): void {
    super.listen(listener);
    this.#listeners += 1;
    if (this.#listeners === 2) standStill();
  }
}

/** What Redis keeps of the heads in sync. */
class KeptInMemory {
  #kept: KeptSet = { inSync: undefined, version: '', forgotten: [] };

  async read(): Promise<KeptSet> {
    return this.#kept;
  }

  async write({ inSync }: { readonly inSync: readonly string[] }): Promise<'written'> {
    this.#kept = { ...this.#kept, inSync };
    return 'written';
  }

  async forget(): Promise<{ readonly type: 'forgotten' }> {
    return { type: 'forgotten' };
  }

  async settle(): Promise<void> {}
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

const listening = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap' || name === 'UDPWrap').length;

it('loses its lease while it takes over, and takes over again', async () => {
  const before = listening();
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  const logger = { debug: say, info: say, warn: say, error: say, child: () => logger };
  const broken: unknown[] = [];
  const epochs = new MemoryEpochStore();
  const replica = await Replica.open({
    name: 'head-1',
    namespace: 'test',
    journal: new StallingJournal(),
    scheduler: undefined,
  });
  const node = new HeadNode({
    replica,
    host: '127.0.0.1',
    port,
    address,
    token: 'secret',
    security: undefined,
    scheduler: undefined,
    heads: [{ name: 'head-1', address }],
    leases: new ModelLeaseStore(systemClock, Math.random, epochs, { delayMsMax: 0, lostAnswers: 0 }),
    epochs,
    sets: new KeptInMemory(),
    logger,
    release: () => {},
    onBroken: (error) => broken.push(error),
  });
  try {
    await node.start();
    await eventually(() => said.some((line) => line.startsWith('The head leads')) || broken.length > 0);
    expect(broken).toEqual([]);
    expect(said.filter((line) => !line.startsWith('In sync'))).toEqual([
      `Stands by at ${address}.`,
      'This head leads no more. The lease of this head ran out.',
      `Stands by at ${address}.`,
      expect.stringMatching(/^The head leads under epoch/),
    ]);
  } finally {
    await node.close('The test is over.');
  }
  await eventually(() => listening() === before);
});

it('is closed while it starts, and leaves nothing open', async () => {
  const before = listening();
  const head = new Head({ port: 0, token: 'secret', epoch: 1 });
  const started = head.start();
  await head.close('The test is over.');
  await expect(started).rejects.toMatchObject({ code: 'E_BACKEND_UNAVAILABLE' });
  await eventually(() => listening() === before);
});

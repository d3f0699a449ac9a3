import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AnantError } from '@anant/core';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JournalEntry, JournalRecord, SchedulerState } from '../../protocol/scheduler/index.js';
import {
  canonicalState,
  newSchedulerState,
  replay,
  snapshotRecords,
} from '../../protocol/scheduler/index.js';
import { TrialHead, trialTask } from '../../protocol/scheduler/testing/trial-head.js';
import { decodeEntry, encodeEntry, encodeParts } from './entry-codec.js';
import type { Journal } from './journal.js';
import { openJournal } from './open-journal.js';
import { JournalStore } from './store.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'anant-journal-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Waits until everything up to `index` is durable. */
function durable(journal: Journal, index: number, append: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    journal.listen({
      onDurable: (reached) => {
        if (reached >= index) resolve();
      },
      onState: (state, reason) => {
        if (state === 'read-only') reject(new Error(reason));
      },
    });
    append();
  });
}

/** A head that did a bit of everything. */
function busyHead(): TrialHead {
  const head = TrialHead.leading();
  head.feed({ type: 'attach', key: 'template:1', bytes: Buffer.from('a template') });
  head.join('w', { slots: 2 });
  head.submit(
    ...['a', 'b', 'c'].map((id) => trialTask(id, { payload: Buffer.from(`input of ${id}`) })),
    trialTask('d', {
      placement: { labels: {} },
      resources: { cpu: 2 },
      inputs: [{ bytes: 5, workers: ['w'] }],
    }),
  );
  head.commit('w', head.start('a'), { body: Buffer.from('result') });
  head.feed({ type: 'returned', worker: 'w', bootId: 'boot', tasks: [head.assignment('b')] });
  head.feed({
    type: 'cancel',
    session: 'driver',
    requests: [{ id: 'c', attempt: 1, request: 1, how: 'forget' }],
  });
  return head;
}

async function write(path: string, entries: readonly JournalEntry[]): Promise<void> {
  const journal = await openJournal({ level: 'os', path });
  await journal.recover(() => {});
  await durable(journal, entries.at(-1)!.index, () => {
    for (const entry of entries) journal.append(entry);
  });
  await journal.close();
}

async function readBack(path: string): Promise<SchedulerState> {
  const journal = await openJournal({ level: 'os', path });
  const state = newSchedulerState();
  await journal.recover((entry) => replay(state, entry, 0));
  await journal.close();
  return state;
}

test('entries come back as they were written, and any changed byte is noticed', () => {
  const { journal } = busyHead();
  for (const entry of journal) expect(decodeEntry(encodeEntry(entry), 'it')).toEqual(plain(entry));
  const bytes = encodeEntry(journal[2]!);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = new Uint8Array(bytes);
      damaged[at]! ^= change;
      expect(() => decodeEntry(damaged, 'it')).toThrow(/it cannot be trusted/);
    }),
  );
});

/** Assignments carry payloads only in memory; buffers come back as plain bytes. */
function plain(entry: JournalEntry): JournalEntry {
  const records = entry.records.map((record): JournalRecord => {
    if (record.type === 'assign')
      return { ...record, tasks: record.tasks.map(({ id, token }) => ({ id, token })) };
    if (record.type === 'submit')
      return {
        ...record,
        tasks: record.tasks.map((task) => ({ ...task, payload: Buffer.from(task.payload) })),
      };
    if (record.type !== 'end') return record;
    const ends = record.ends.map((each) =>
      each.end.by === 'head' ? each : { ...each, end: { ...each.end, body: Buffer.from(each.end.body) } },
    );
    return { ...record, ends };
  });
  return { ...entry, records };
}

test('a journal read back gives the state that was left, and so does its snapshot', async () => {
  const path = join(folder, 'whole');
  const head = busyHead();
  await write(path, head.journal);
  const recovered = await readBack(path);
  expect(canonicalState(recovered)).toBe(canonicalState(head.state));

  const journal = await openJournal({ level: 'os', path });
  await journal.recover(() => {});
  const { epoch, journalIndex } = recovered;
  await journal.compact(epoch, journalIndex, snapshotRecords(recovered));
  await durable(journal, journalIndex + 1, () =>
    journal.append({ epoch, index: journalIndex + 1, records: [{ type: 'epoch', epoch: epoch + 1 }] }),
  );
  await journal.close();
  const compacted = await readBack(path);
  expect(compacted.epoch).toBe(epoch + 1);
  expect(JSON.parse(canonicalState(compacted))).toEqual({
    ...JSON.parse(canonicalState(head.state)),
    epoch: epoch + 1,
  });
});

test('a file cut short or damaged is refused by name, and the process lives', async () => {
  const path = join(folder, 'damaged');
  const tasks = Array.from({ length: 200 }, (_, index) =>
    trialTask(`t${index}`, { payload: Buffer.alloc(500, 7) }),
  );
  const head = TrialHead.leading();
  for (const task of tasks) head.submit(task);
  await write(path, head.journal);
  const file = join(path, 'data.mdb');
  const whole = readFileSync(file);

  const damaged = Buffer.from(whole);
  for (
    let at = damaged.indexOf(Buffer.alloc(100, 7));
    at >= 0;
    at = damaged.indexOf(Buffer.alloc(100, 7), at + 1000)
  )
    damaged[at]! ^= 1;
  writeFileSync(file, damaged);
  await expect(readBack(path)).rejects.toSatisfy((error) => AnantError.is(error, 'E_JOURNAL'));
  await expect(readBack(path)).rejects.toThrow(/checksum/);

  writeFileSync(file, whole);
  truncateSync(file, Math.floor(statSync(file).size / 8192) * 4096);
  await expect(readBack(path)).rejects.toThrow(`The journal in "${path}" cannot be read`);
});

const MOUNT = 'mount -t tmpfs -o size=1m none "$0"';
const canMount =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['--mount', 'sh', '-c', MOUNT, tmpdir()]).status === 0;
if (!canMount) console.warn('NOT INJECTED: a full disk under the journal: only root can mount one.');

// Needs a disk of its own that can be filled: a tmpfs, which only root can mount.
test.skipIf(!canMount)('a full disk makes it read-only; with room again nothing is missing', async () => {
  const path = mkdtempSync(join(folder, 'full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path]);
  try {
    const journal = await openJournal({ level: 'fsync', path });
    await journal.recover(() => {});
    const states: string[] = [];
    let reached = 0;
    const changed = new Promise<void>((resolve, reject) => {
      const giveUp = setTimeout(() => reject(new Error(`only ${states} and ${reached}`)), 20_000);
      journal.listen({
        onDurable: (index) => {
          reached = index;
          if (index < 40) return;
          clearTimeout(giveUp);
          resolve();
        },
        onState: (state, reason) => {
          states.push(`${state} ${reason}`);
          if (state === 'read-only') execFileSync('mount', ['-o', 'remount,size=30m', path]);
        },
      });
    });
    const head = TrialHead.leading();
    head.journal.length = 0;
    for (let index = 1; index <= 40; index += 1) {
      const tasks = [trialTask(`t${index}`, { payload: Buffer.alloc(100_000) })];
      const records: JournalRecord[] = [{ type: 'submit', session: 'driver', tasks }];
      journal.append({ epoch: 1, index, records });
    }
    await changed;
    expect(states[0]).toMatch(/read-only .*(full|failed)/);
    expect(states[1]).toBe('writable ');
    await journal.close();
    const again = await openJournal({ level: 'fsync', path });
    const indices: number[] = [];
    await again.recover(({ index }) => indices.push(index));
    expect(indices).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    await again.close();
  } finally {
    execFileSync('umount', ['-l', path]);
  }
});

test('closing while it is compacted ends both, and keeps what both wrote', async () => {
  const path = join(folder, 'closed-while-compacted');
  const head = busyHead();
  const journal = await openJournal({ level: 'os', path });
  await journal.recover(() => {});
  for (const entry of head.journal) journal.append(entry);
  const { epoch, journalIndex } = head.state;
  const records = snapshotRecords(head.state);
  const compact = () => journal.compact(epoch, journalIndex, records);
  // Nobody waits a minute for an answer that went to another, and none is taken for another's.
  await Promise.all([compact(), compact(), journal.close()]);
  await compact();
  await expect(journal.replace(epoch, journalIndex, records)).rejects.toThrow('it was closed');
  expect(canonicalState(await readBack(path))).toBe(canonicalState(head.state));
}, 30_000);

test('parts of a snapshot that a crash cut short are no part of the next one', async () => {
  const path = join(folder, 'cut-short');
  const head = busyHead();
  await write(path, head.journal);
  const old = encodeParts(1, 2, snapshotRecords(TrialHead.leading().state));
  const store = new JournalStore(path, 'os');
  // The process ends, or the disk is full, after more parts than the next snapshot has.
  for (let part = 0; part < 5; part += 1) store.addPart(store.generation + 1, part, old[0]!);
  await store.close();

  const journal = await openJournal({ level: 'os', path });
  await journal.recover(() => {});
  await journal.compact(1, head.state.journalIndex, snapshotRecords(head.state));
  await journal.close();
  expect(canonicalState(await readBack(path))).toBe(canonicalState(head.state));
});

/** What is remembered of ended tasks, against a plain list of them; and the marks that stand for digests. */
import { randomInteger, seededRandom } from '@anant/core/testing';
import { describe, expect, it } from 'vitest';
import { digestMark, markText } from './digest-mark.js';
import type { TaskEntry } from './entries.js';
import { TaskBook } from './task-book.js';

const ENDED_MAX = 6_000;
const ENDED_MS = 10_000;
const text = (digest: string): string => {
  const { high, low } = digestMark(digest);
  return markText(high, low);
};

describe('the book of tasks', () => {
  it('remembers the latest ends, as many and as long as it should, whatever is forgotten or submitted anew', () => {
    const random = seededRandom(7);
    const book = new TaskBook({ endedMax: ENDED_MAX, endedMs: ENDED_MS });
    const session = { id: 's', sequence: 0 } as TaskEntry['session'];
    /** By id, the number of its end and when it was; of those that may be remembered. */
    let ends: { id: string; sequence: number; atMs: number; isForgotten: boolean }[] = [];
    let nowMs = 0;
    for (let step = 0; step < 30_000; step += 1) {
      nowMs += random() < 0.001 ? 3_000 : 0.5;
      const id = `t${randomInteger(random, 12_000)}`;
      const known = book.find(id, nowMs);
      if (known === undefined || known.state === 'ended') {
        const entry = { id, attempt: 1, digest: `d-${id}`, session, token: undefined, state: 'running' };
        book.add(entry as TaskEntry, known);
        for (const end of ends) if (end.id === id) end.isForgotten = true;
        expect(book.get(id)).toBe(entry);
        (session as { sequence: number }).sequence += 1;
        book.end(
          entry as TaskEntry,
          { by: 'worker', worker: 'w', status: 'ok', body: new Uint8Array() },
          nowMs,
        );
        ends.push({ id, sequence: session.sequence, atMs: Math.floor(nowMs), isForgotten: false });
      }
      if (random() < 0.01) {
        const gone = ends[randomInteger(random, ends.length)]!;
        book.forget(gone.id);
        for (const end of ends) if (end.id === gone.id) end.isForgotten = true;
      }
      const now = Math.floor(nowMs);
      if (step % 500 === 0) {
        ends = ends.slice(-ENDED_MAX).filter(({ atMs }) => now - atMs < ENDED_MS);
        const kept = ends.filter(({ isForgotten }) => !isForgotten);
        for (const { id: own, sequence } of [kept[0]!, kept.at(-1)!])
          expect(book.find(own, now)).toMatchObject({
            state: 'ended',
            endSequence: sequence,
            mark: text(`d-${own}`),
          });
        const listed = [...book.ended()].map(({ endSequence }) => endSequence);
        expect(listed.slice(-kept.length)).toEqual(kept.map(({ sequence }) => sequence));
        expect(book.endedSize).toBe(listed.length);
        expect(listed.length).toBeLessThanOrEqual(ENDED_MAX);
        expect(book.size).toBe(0);
      }
    }
  });

  it('takes up what a snapshot says, whose digests are marks', () => {
    const book = new TaskBook({ endedMax: 2, endedMs: ENDED_MS });
    const session = { id: 's' } as TaskEntry['session'];
    const token = { epoch: 3, counter: 4 };
    const rest = { attempt: 2, session: 's', sequence: 9, status: 'lost', isReported: false, token } as const;
    for (const id of ['a', 'b', 'c']) book.restore({ id, digest: text(`d-${id}`), ...rest }, session, 5);
    expect(book.find('a', 6)).toBeUndefined();
    const { sequence: endSequence, session: _, ...facts } = rest;
    const expected = {
      id: 'c',
      state: 'ended',
      mark: text('d-c'),
      session,
      endSequence,
      endedMs: 5,
      ...facts,
    };
    expect(book.find('c', 6)).toEqual(expected);
    expect(book.find('c', 5 + ENDED_MS)).toBeUndefined();
  });

  it('never forgets an open task for an end of it that a snapshot tells of in the same millisecond as another', () => {
    const book = new TaskBook({ endedMax: 10, endedMs: ENDED_MS });
    const session = { id: 's', sequence: 1 } as TaskEntry['session'];
    const entry = {
      id: 'b',
      attempt: 1,
      digest: 'd',
      session,
      token: undefined,
      state: 'running',
    } as TaskEntry;
    const rest = {
      attempt: 1,
      session: 's',
      sequence: 1,
      status: 'ok',
      isReported: true,
      token: undefined,
    } as const;
    book.restore({ id: 'a', digest: text('d'), ...rest }, session, 5.9);
    book.add(entry, undefined);
    book.end(entry, { by: 'worker', worker: 'w', status: 'ok', body: new Uint8Array() }, 5.95);
    // As old as may be; then it comes anew, and what is older than it is forgotten.
    expect(book.find('b', 5 + ENDED_MS)).toBeUndefined();
    book.add(entry, undefined);
    book.find('a', 6 + ENDED_MS);
    expect(book.get('b')).toBe(entry);
  });
});

describe('marks of digests', () => {
  it('differ where digests do, and stay what they are', () => {
    const digests = Array.from({ length: 20_000 }, (_, index) => `kind-${index % 7}/options:${index}`);
    const marks = digests.map(text);
    expect(new Set(marks).size).toBe(digests.length);
    // Each half alone spreads over all of its bits.
    for (const half of [1, 9]) {
      const halves = new Set(marks.map((mark) => mark.slice(half, half + 8)));
      expect(halves.size).toBeGreaterThan(digests.length - 10);
    }
    for (const mark of marks.slice(0, 100)) expect(text(mark)).toBe(mark);
  });
});

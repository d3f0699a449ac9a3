import { describe, expect, it } from 'vitest';
import type { AttemptOutcome, TaskEnvelope, TaskEvent } from '../contract/index.js';
import { LAWS, LawChecker, type LawId } from './law-checker.js';

const OK: AttemptOutcome = { status: 'ok', value: 1 };

function task(id: string, attempt = 1, output: TaskEnvelope['options']['output'] = 'value'): TaskEnvelope {
  return {
    id,
    attempt,
    definition: { kind: 'python', name: 'n', target: 'm:f', version: '' },
    input: null,
    references: [],
    options: { priority: 0, delivery: 'at-least-once', output },
  };
}

const start = (id: string, attempt = 1): TaskEvent => ({ type: 'task-start', id, attempt, worker: 'w' });
const item = (id: string, sequence: number): TaskEvent => ({
  type: 'task-item',
  id,
  attempt: 1,
  sequence,
  value: 0,
});
const end = (id: string, attempt = 1, outcome: AttemptOutcome = OK): TaskEvent => ({
  type: 'task-end',
  id,
  attempt,
  outcome,
});
const progress = (id: string, done: number): TaskEvent => ({
  type: 'task-progress',
  id,
  attempt: 1,
  done,
  total: 1,
});
const state = (epoch: number): TaskEvent => ({ type: 'backend-state', state: 'ready', epoch, reason: '' });

/** The laws broken by what `act` does. */
function broken(act: (laws: LawChecker) => void): readonly LawId[] {
  const laws = new LawChecker();
  act(laws);
  return laws.broken.map(({ law }) => law);
}

describe('LawChecker', () => {
  it('finds nothing wrong with a good run', () => {
    const laws = broken((checker) => {
      checker.submit([task('a'), task('s', 1, 'stream'), task('r', 1, 'reference')]);
      checker.events([state(1), start('a'), progress('a', 0), end('a'), start('s'), item('s', 0)]);
      for (let sequence = 1; sequence < 16; sequence++) checker.events([item('s', sequence)]);
      checker.credit('s', 1, 1);
      checker.events([item('s', 16), end('s')]);
      checker.events([end('r', 1, { status: 'ok-reference', object: 'o', bytes: 1 }), state(1), state(2)]);
      checker.cancel(2, 2);
      checker.stopped({ graceMs: 0 });
    });
    expect(laws).toEqual([]);
  });

  const breaches: readonly (readonly [LawId, string, (laws: LawChecker) => void])[] = [
    ['BL-1', 'a second end', (laws) => laws.events([end('a'), end('a')])],
    ['BL-1', 'no end when stopped', (laws) => laws.stopped({ graceMs: 0 })],
    ['BL-2', 'progress after the end', (laws) => laws.events([end('a'), progress('a', 1)])],
    ['BL-3', 'an unknown attempt', (laws) => laws.events([end('a'), end('b')])],
    ['BL-3', 'an unknown number', (laws) => laws.events([end('a'), end('a', 7)])],
    [
      'BL-4',
      'a result of a replaced attempt',
      (laws) => {
        laws.submit([task('a', 2)]);
        laws.events([end('a', 1), end('a', 2)]);
      },
    ],
    ['BL-5', 'two starts', (laws) => laws.events([start('a'), start('a'), end('a')])],
    ['BL-5', 'a late start', (laws) => laws.events([progress('a', 0), start('a'), end('a')])],
    ['BL-6', 'an item of a value task', (laws) => laws.events([item('a', 0), end('a')])],
    [
      'BL-6',
      'a gap',
      (laws) => {
        laws.submit([task('s', 1, 'stream')]);
        laws.events([item('s', 0), item('s', 2), end('s'), end('a')]);
      },
    ],
    [
      'BL-7',
      'an item without credit',
      (laws) => {
        laws.submit([task('s', 1, 'stream')]);
        for (let sequence = 0; sequence < 17; sequence++) laws.events([item('s', sequence)]);
      },
    ],
    ['BL-8', 'progress that is no number', (laws) => laws.events([progress('a', Number.NaN)])],
    [
      'BL-9',
      'an event after the stop',
      (laws) => {
        laws.events([end('a')]);
        laws.stopped({ graceMs: 0 });
        laws.events([state(1)]);
      },
    ],
    ['BL-10', 'a falling epoch', (laws) => laws.events([state(2), state(1)])],
    [
      'BL-11',
      'a reference nobody asked for',
      (laws) => laws.events([end('a', 1, { status: 'ok-reference', object: 'o', bytes: 1 })]),
    ],
    ['BL-12', 'a missing answer', (laws) => laws.cancel(2, 1)],
    ['BL-13', 'a throw', (laws) => laws.submitThrew(new Error('no'))],
  ];

  it.each(breaches)('%s: notices %s', (law, _what, act) => {
    const laws = broken((checker) => {
      checker.submit([task('a')]);
      act(checker);
    });
    expect(laws).toContain(law);
  });

  it('has a breach to try for every law', () => {
    expect(new Set(breaches.map(([law]) => law))).toEqual(new Set(Object.keys(LAWS)));
  });

  it('lets a stopped backend refuse what comes too late, once', () => {
    const act = (ends: number) => (checker: LawChecker) => {
      checker.stopped({ graceMs: 0 });
      checker.submit([task('late')]);
      for (let count = 0; count < ends; count++) {
        checker.events([end('late', 1, { status: 'lost', reason: 'stopped', started: 'no' })]);
      }
    };
    expect(broken(act(0))).toEqual([]);
    expect(broken(act(1))).toEqual([]);
    expect(broken(act(2))).toEqual(['BL-9']);
  });

  it('takes a second submission of an open attempt for nothing, and a later one for a new envelope', () => {
    const laws = broken((checker) => {
      checker.submit([task('a'), task('a')]);
      checker.events([end('a')]);
      checker.submit([task('a')]);
      checker.events([end('a')]);
    });
    expect(laws).toEqual([]);
  });
});

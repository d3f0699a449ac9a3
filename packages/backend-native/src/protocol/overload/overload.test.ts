import { randomInteger, seededRandom } from '@anant/core/testing';
import { describe, expect, it } from 'vitest';
import { calmOverload, nextOverload, OVERLOAD_LEVELS, type Overload } from './overload.js';

const reading = (memory: number, cpu = 0, gpuMemory = 0) => ({ memory, cpu, gpuMemory });

function run(memories: readonly number[], slots = 8): Overload[] {
  const states: Overload[] = [];
  let state = calmOverload(slots);
  for (const memory of memories) {
    state = nextOverload(state, reading(memory), slots);
    states.push(state);
  }
  return states;
}

const levels = (states: readonly Overload[]): string[] => states.map(({ level }) => level);

describe('a worker under pressure', () => {
  it('goes through the steps as memory runs out', () => {
    const states = run([0.5, 0.86, 0.91, 0.95, 0.97]);
    expect(levels(states)).toEqual(['none', 'no-stealing', 'shrunk', 'refusing', 'spilling']);
    expect(states.map(({ slots }) => slots)).toEqual([8, 8, 4, 0, 0]);
    expect(states[4]?.reason).toBe('97 % of the memory is taken (spilling from 96 %).');
  });

  it('jumps up at once, and comes down one step at a time, each after three calm readings', () => {
    const states = run([0.97, ...Array<number>(12).fill(0.2)]);
    expect(levels(states)).toEqual([
      'spilling',
      ...['spilling', 'spilling', 'refusing'],
      ...['refusing', 'refusing', 'shrunk'],
      ...['shrunk', 'shrunk', 'no-stealing'],
      ...['no-stealing', 'no-stealing', 'none'],
    ]);
  });

  it('does not flutter around a threshold', () => {
    const states = run(Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? 0.905 : 0.895)));
    expect(new Set(levels(states))).toEqual(new Set(['shrunk']));
  });

  it('names the step that holds, also near the next one', () => {
    const reasons = run([0.91, 0.92, 0.93, 0.89]).map(({ reason }) => reason);
    expect(reasons).toEqual(
      ['91', '92', '93', '89'].map((part) => `${part} % of the memory is taken (shrunk from 90 %).`),
    );
  });

  it('gives slots back one by one when it recovers', () => {
    const states = run([0.91, 0.91, 0.91, 0.91, ...Array<number>(20).fill(0.1)]);
    const slots = states.map((state) => state.slots);
    expect(slots.slice(0, 4)).toEqual([4, 2, 1, 1]);
    expect(slots.at(-1)).toBe(8);
    for (let at = 5; at < slots.length; at++) expect(slots[at]! - slots[at - 1]!).toBeLessThanOrEqual(1);
  });

  it('never refuses because of the processor, and looks at GPUs', () => {
    const busy = nextOverload(calmOverload(4), reading(0.1, 1000), 4);
    expect([busy.level, busy.slots]).toEqual(['shrunk', 2]);
    expect(nextOverload(calmOverload(4), reading(0.1, 0, 0.98), 4).reason).toContain('GPUs');
  });

  it.each([1, 2, 3])('keeps its slots in bounds and its word about each level (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const slotsMax = 1 + randomInteger(random, 16);
    let state = calmOverload(slotsMax);
    for (let step = 0; step < 3_000; step++) {
      const before = OVERLOAD_LEVELS.indexOf(state.level);
      state = nextOverload(state, reading(random(), random() * 20, random()), slotsMax);
      const level = OVERLOAD_LEVELS.indexOf(state.level);
      expect(before - level).toBeLessThanOrEqual(1);
      expect(state.slots).toBeGreaterThanOrEqual(level >= 3 ? 0 : 1);
      expect(state.slots).toBeLessThanOrEqual(level >= 3 ? 0 : slotsMax);
      expect(state.reason === '').toBe(level === 0);
    }
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPlain, RecordReader, writeBody, writePlain } from './record.js';
import { CELL_RECORD_BYTES_MAX, CLAIM, SLOT_TASKS_MAX, SlotMemory } from './slot-memory.js';

test('only one side gets a claim', () => {
  const main = new SlotMemory();
  const thread = new SlotMemory(main.buffer);
  main.setClaim(7, CLAIM.waiting);
  expect(thread.take(7, CLAIM.started)).toBe(true);
  expect(main.take(7, CLAIM.withdrawn)).toBe(false);
  thread.setClaim(7, CLAIM.done);
  expect(main.claim(7)).toBe(CLAIM.done);
});

test('a thread that comes late to a task that was taken back cannot claim the newer one in its place', () => {
  const main = new SlotMemory();
  const thread = new SlotMemory(main.buffer);
  const older = 5;
  const newer = older + SLOT_TASKS_MAX;
  main.setClaim(older, CLAIM.waiting);
  expect(main.take(older, CLAIM.withdrawn)).toBe(true);
  main.setClaim(newer, CLAIM.waiting);
  expect(thread.take(older, CLAIM.started)).toBe(false);
  expect(thread.take(newer, CLAIM.started)).toBe(true);
});

test('cells lie beside each other, not on each other', () => {
  const memory = new SlotMemory();
  const area = { bytes: memory.cells, view: memory.view };
  for (const number of [0, 1, SLOT_TASKS_MAX - 1]) {
    memory.setDurationUs(number, number);
    writeBody(area, memory.recordOffset(number), new Uint8Array(CELL_RECORD_BYTES_MAX - 5).fill(0xc0));
  }
  expect([0, 1, SLOT_TASKS_MAX - 1].map((number) => memory.durationUs(number))).toEqual([
    0,
    1,
    SLOT_TASKS_MAX - 1,
  ]);
});

test('one bell is rung until somebody looks', () => {
  const memory = new SlotMemory();
  expect([memory.ring(), memory.ring()]).toEqual([true, false]);
  memory.unring();
  expect(memory.ring()).toBe(true);
});

test('plain values survive a record to the bit, and records can be skipped', () => {
  const plain = fc.oneof(
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
    fc.constant(-0),
  );
  fc.assert(
    fc.property(fc.array(plain, { maxLength: 20 }), (values) => {
      const bytes = new Uint8Array(9 * values.length);
      const area = { bytes, view: new DataView(bytes.buffer) };
      let offset = 0;
      for (const value of values) {
        expect(isPlain(value)).toBe(true);
        offset = writePlain(area, offset, value);
      }
      const reader = new RecordReader(area);
      const skipper = new RecordReader(area);
      for (const value of values) {
        expect(Object.is(reader.read(), value)).toBe(true);
        skipper.skip();
        expect(skipper.offset).toBe(reader.offset);
      }
    }),
  );
});

import { expect, test } from 'vitest';
import type { ToThread } from './messages.js';
import { SENT_MEMORIES_MAX, SentMemories } from './sent-memories.js';

const newMemory = () => new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });

/** What a thread would know after the messages so far. */
function thread() {
  const known = new Map<number, WebAssembly.Memory>();
  let sent = 0;
  const memories = new SentMemories((message: ToThread) => {
    if (message.kind === 'memory') {
      known.set(message.number, message.memory);
      sent += 1;
    } else if (message.kind === 'forget-memory') known.delete(message.number);
    else throw new Error(`A message of another kind: ${message.kind}.`);
  });
  return { memories, known, sent: () => sent };
}

test('a memory is sent once, and its number always stands for it', () => {
  const { memories, known, sent } = thread();
  const [one, other] = [newMemory(), newMemory()];
  for (const memory of [one, other, one, one, other])
    expect(known.get(memories.numberOf(memory))).toBe(memory);
  expect(sent()).toBe(2);
});

test('a thread knows so many at once; the least recently used is sent anew', () => {
  const { memories, known, sent } = thread();
  const all = Array.from({ length: SENT_MEMORIES_MAX + 1 }, newMemory);
  const first = all[0]!;
  for (const memory of all.slice(0, -1)) memories.numberOf(memory);
  memories.numberOf(first);
  memories.numberOf(all.at(-1)!);
  expect(known.size).toBe(SENT_MEMORIES_MAX);
  expect([...known.values()]).toContain(first);
  expect([...known.values()]).not.toContain(all[1]);
  expect(known.get(memories.numberOf(all[1]!))).toBe(all[1]);
  expect(sent()).toBe(SENT_MEMORIES_MAX + 2);
});

test('the next thread is sent everything anew', () => {
  const { memories, sent } = thread();
  const memory = newMemory();
  const number = memories.numberOf(memory);
  memories.clear();
  expect(memories.numberOf(memory)).toBe(number);
  expect(sent()).toBe(2);
});

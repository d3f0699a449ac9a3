import type { Resources, TaskEnvelope } from '@anant/core';
import { expect, test } from 'vitest';
import { type Attempt, newAttempt } from '../attempt.js';
import { Admission } from './admission.js';
import { DurationEstimate, MESSAGE_US } from './duration-estimate.js';
import { ResourceLedger } from './resource-ledger.js';

const CAPACITY = { cpu: 4, memoryBytes: 1000, gpu: 0, custom: { licence: 2 } };

test('a definition that never ran counts as a whole message, and is known after a few tasks', () => {
  const estimate = new DurationEstimate();
  expect(estimate.us).toBe(MESSAGE_US);
  expect(estimate.isKnown).toBe(false);
  for (let sample = 0; sample < 10; sample += 1) estimate.add(2);
  expect(estimate.us).toBeCloseTo(2);
  estimate.add(1_000_000);
  expect(estimate.us).toBeLessThan(10);
  for (let sample = 0; sample < 300; sample += 1) estimate.add(500);
  expect(estimate.us).toBeGreaterThan(400);
});

test('resources are taken all or none, and what can never be granted is named', () => {
  const ledger = new ResourceLedger(CAPACITY);
  expect(ledger.impossible({ cpu: 5 })).toMatch(/asks for 5 of "cpu"; there are 4/);
  expect(ledger.impossible({ custom: { cpu: 1 } })).toMatch(/custom.cpu/);
  expect(ledger.impossible({ gpu: 0, cpu: 4 })).toBeUndefined();
  expect(ledger.take({ cpu: 3, custom: { licence: 1 } })).toBe(true);
  expect(ledger.take({ cpu: 1, custom: { licence: 2 } })).toBe(false);
  expect(ledger.take({ cpu: 1 })).toBe(true);
  ledger.giveBack({ cpu: 3, custom: { licence: 1 } });
  expect(ledger.take({ custom: { licence: 2 } })).toBe(true);
});

function attemptOf(id: string, priority: number, resources: Resources): Attempt {
  const options = { priority, resources, delivery: 'at-least-once', output: 'value' } as const;
  return newAttempt({
    id,
    attempt: 1,
    references: [],
    input: null,
    definition: {},
    options,
  } as unknown as TaskEnvelope);
}

test('a large request is not starved by small ones behind it; an urgent one goes first', () => {
  const admitted: string[] = [];
  const admission = new Admission(new ResourceLedger(CAPACITY), (attempt) => {
    attempt.state = 'handed';
    admitted.push(attempt.envelope.id);
  });
  const end = (attempt: Attempt) => {
    attempt.state = 'ended';
    admission.leave(attempt);
  };
  const first = attemptOf('first', 0, { cpu: 3 });
  const large = attemptOf('large', 0, { cpu: 4 });
  const small = attemptOf('small', 0, { cpu: 1 });
  const urgent = attemptOf('urgent', 1, { cpu: 1 });
  const dropped = attemptOf('dropped', 0, { cpu: 1 });
  for (const attempt of [first, large, small, dropped]) admission.enter(attempt);
  expect(admitted).toEqual(['first']);
  admission.enter(urgent);
  expect(admitted).toEqual(['first', 'urgent']);
  end(dropped);
  end(urgent);
  end(first);
  expect(admitted).toEqual(['first', 'urgent', 'large']);
  end(large);
  expect(admitted).toEqual(['first', 'urgent', 'large', 'small']);
});

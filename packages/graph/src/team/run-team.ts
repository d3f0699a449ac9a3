/** Runs one kernel as a team: a leading call and helpers, at the same time on one memory, with the result of one call. */
import {
  copyArray,
  type KernelArray,
  KernelMemory,
  type KernelReference,
  type Outcome,
  type SubmitOptions,
  type TaskDefinition,
  type TaskHandle,
} from '@anant/core';
import { TEAM_CALLS_MAX, TEAM_WORD } from '../kernels/team-tasks.js';
import type { TeamClient } from './team-client.js';

/** What a team consists of; `results` names the shared arrays that are results. */
export interface Team {
  readonly lead: object;
  readonly help: object;
  readonly results: readonly string[];
}

export interface TeamRunOptions {
  readonly memory: KernelMemory;
  /** Calls in all, the leading one included; from 2, at most `TEAM_CALLS_MAX`. */
  readonly threads: number;
  readonly submit: Omit<SubmitOptions, 'id' | 'output'>;
}

/** A task that does not return an object of its own: only its outcome counts. */
type AnyTask = TaskDefinition<never, Record<string, unknown>, 'value'>;
type Inputs = Readonly<Record<string, unknown>>;

/**
 * @param inputs Arrays and scalars of the leading task. Arrays that are no views of `memory` are copied there, once for all calls;
 * shared arrays that are given are used as they are.
 * @returns How the leading call ended; if `ok`, its value holds copies of the results that were not given.
 * @throws AnantError `E_OUT_OF_MEMORY`
 */
export async function runTeam(
  client: TeamClient,
  team: Team,
  given: Inputs,
  { memory, threads, submit }: TeamRunOptions,
): Promise<Outcome<Record<string, unknown>>> {
  const helperCount = Math.min(threads, TEAM_CALLS_MAX) - 1;
  const placed = place(memory, given);
  const inputs = { ...given, ...placed };
  const shared = allocateShared(memory, team.lead as AnyTask, inputs, placed);
  const words = shared.team as Uint32Array;
  const options = { ...submit, retry: { attempts: 1 } };
  const start = (task: AnyTask, part: number): TaskHandle<Record<string, unknown>> =>
    client.submit(task, pick(task, { ...inputs, ...shared, part }) as never, options) as never;
  let lead: TaskHandle<Record<string, unknown>>;
  try {
    lead = start(team.lead as AnyTask, 0);
  } catch (error) {
    freeAll(memory, { ...placed, ...shared });
    throw error;
  }
  const helpers = startHelpers(helperCount, (part) => start(team.help as AnyTask, part));
  const helped = helpers.map((helper) => helper.outcome().then((ended) => noteLoss(words, ended)));
  const outcome = await lead.outcome();
  Atomics.store(words, TEAM_WORD.ended, 1);
  Atomics.notify(new Int32Array(words.buffer, words.byteOffset, words.length), TEAM_WORD.wake);
  await Promise.all(helpers.map((helper) => helper.cancel('ask')));
  const ends = [outcome, ...(await Promise.all(helped))];
  const value = outcome.status === 'ok' ? { ...outcome.value, ...copies(shared, team.results) } : undefined;
  // What may still be written stays taken.
  if (ends.every(isOver)) freeAll(memory, { ...placed, ...shared });
  return outcome.status === 'ok' ? { ...outcome, value: value! } : outcome;
}

/** Helpers that the client does not take are done without. */
function startHelpers<Handle>(count: number, start: (part: number) => Handle): Handle[] {
  const helpers: Handle[] = [];
  try {
    for (let part = 1; part <= count; part++) helpers.push(start(part));
  } catch {
    return helpers;
  }
  return helpers;
}

function freeAll(memory: KernelMemory, arrays: Readonly<Record<string, KernelArray>>): void {
  for (const array of Object.values(arrays)) memory.free(array);
}

/** A helper that did not end well may have left a chunk undone: the leading call must not wait for it. */
function noteLoss(words: Uint32Array, outcome: Outcome<unknown>): Outcome<unknown> {
  if (outcome.status !== 'ok') Atomics.store(words, TEAM_WORD.broken, 1);
  return outcome;
}

/** Whether nothing of a task runs any more. */
function isOver(outcome: Outcome<unknown>): boolean {
  if (outcome.attempts === 0) return true;
  if (outcome.status === 'cancelled') return outcome.how !== 'forget';
  return outcome.status === 'ok' || outcome.status === 'app-error';
}

function copies(shared: Readonly<Record<string, KernelArray>>, names: readonly string[]): Inputs {
  const made = names.filter((name) => shared[name]);
  return Object.fromEntries(made.map((name) => [name, copyArray(shared[name]!)]));
}

function pick(task: AnyTask, values: Inputs): Inputs {
  const { parameters } = signatureOf(task);
  const passed = parameters.filter(({ role }) => role === 'in' || role === 'shared');
  return Object.fromEntries(passed.map(({ name }) => [name, values[name]]));
}

const signatureOf = (task: AnyTask) => (task.reference() as KernelReference).signature;

/** Copies of the arrays that are elsewhere. @throws AnantError `E_OUT_OF_MEMORY` */
function place(memory: KernelMemory, inputs: Inputs): Record<string, KernelArray> {
  const placed: Record<string, KernelArray> = {};
  try {
    for (const [name, value] of Object.entries(inputs)) {
      if (!ArrayBuffer.isView(value) || KernelMemory.of(value) === memory) continue;
      placed[name] = memory.copy(value as KernelArray);
    }
  } catch (error) {
    freeAll(memory, placed);
    throw error;
  }
  return placed;
}

/** The shared arrays of a task that are not given, with the lengths and contents it declares. Frees `placed` where it fails. */
function allocateShared(
  memory: KernelMemory,
  task: AnyTask,
  inputs: Inputs,
  placed: Record<string, KernelArray>,
): Record<string, KernelArray> {
  const known = new Map(Object.entries(inputs).map(([name, value]) => [name, lengthOrValue(value)]));
  const shared: Record<string, KernelArray> = {};
  try {
    for (const parameter of signatureOf(task).parameters) {
      if (parameter.role !== 'shared' || parameter.name in inputs) continue;
      const { name, type, length, contents } = parameter;
      const count =
        typeof length === 'number'
          ? length
          : known.get(length.of)! * (length.times ?? 1) + (length.plus ?? 0);
      shared[name] = contents === 'any' ? memory.take(type, count) : memory.allocate(type, count);
      known.set(name, count);
    }
  } catch (error) {
    freeAll(memory, { ...placed, ...shared });
    throw error;
  }
  return shared;
}

const lengthOrValue = (value: unknown): number =>
  ArrayBuffer.isView(value) ? (value as Uint32Array).length : (value as number);

/** The product of a large pattern matrix with a vector on several threads of a backend that shares memory. */
import { KernelMemory, type TaskDefinition } from '@anant/core';
import type { GraphClient, RunOptions } from '../algorithms/run-kernel-task.js';
import { spmvTeam } from '../kernels/team-tasks.js';
import { runTeam } from '../team/run-team.js';
import { threadsFor } from '../team/threads.js';

interface Pattern {
  readonly offsets: Uint32Array;
  readonly indexes: Uint32Array;
}

/**
 * @returns undefined where one thread is better, or where the arrays are in no kernel memory.
 * @throws AnantError with the code of the outcome when it did not end `ok`.
 */
export async function multiplyOnThreads(
  client: GraphClient,
  { offsets, indexes }: Pattern,
  x: Float64Array,
  { threads: wanted, ...submit }: RunOptions,
): Promise<Float64Array | undefined> {
  const threads = threadsFor(indexes.length, wanted);
  const memory = KernelMemory.of(offsets);
  if (threads < 2 || !memory || KernelMemory.of(indexes) !== memory) return undefined;
  const { kernelMemory } = client.explain(spmvTeam.lead as TaskDefinition, submit);
  if (kernelMemory !== 'caller') return undefined;
  const inputs = { offsets, columns: indexes, x };
  const outcome = await runTeam(client, spmvTeam, inputs, { memory, threads, submit });
  if (outcome.status === 'lost') return undefined;
  if (outcome.status !== 'ok') throw outcome.error;
  return outcome.value.y as Float64Array;
}

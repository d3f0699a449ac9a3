/** The product of a large pattern matrix with a vector on several threads of a backend that shares memory. */
import { KERNEL_ALIGN_BYTES, KernelMemory, type TaskDefinition } from '@anant/core';
import { type GraphClient, type RunOptions, submitOptions } from '../algorithms/run-kernel-task.js';
import { spmvTeam } from '../kernels/team-tasks.js';
import { runTeam } from '../team/run-team.js';
import { threadsFor } from '../team/threads.js';

interface Pattern {
  readonly offsets: Uint32Array;
  readonly indexes: Uint32Array;
}

/**
 * @param into Where the product goes, if the caller said so; with a place in the same memory one thread is run so, too.
 * @returns undefined where one thread is better, or where the arrays are in no kernel memory.
 * @throws AnantError with the code of the outcome when it did not end `ok`.
 */
export async function multiplyOnThreads(
  client: GraphClient,
  { offsets, indexes }: Pattern,
  { x, into }: { readonly x: Float64Array; readonly into: Float64Array | undefined },
  options: RunOptions,
): Promise<Float64Array | undefined> {
  const threads = threadsFor(indexes.length, options.threads);
  const memory = KernelMemory.of(offsets);
  if (!memory || KernelMemory.of(indexes) !== memory) return undefined;
  const isInPlace = into && KernelMemory.of(into) === memory && into.byteOffset % KERNEL_ALIGN_BYTES === 0;
  if (threads < 2 && !isInPlace) return undefined;
  const submit = submitOptions(options);
  const { kernelMemory } = client.explain(spmvTeam.lead as TaskDefinition, submit);
  if (kernelMemory !== 'caller') return undefined;
  const inputs = { offsets, columns: indexes, x, ...(isInPlace && { y: into }) };
  const outcome = await runTeam(client, spmvTeam, inputs, { memory, threads, submit });
  if (outcome.status === 'lost') return undefined;
  if (outcome.status !== 'ok') throw outcome.error;
  return isInPlace ? into : (outcome.value.y as Float64Array);
}

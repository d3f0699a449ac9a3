/**
 * Work that goes from source to source, in blocks of sources. On the memory of the graph each block is a task of its own, so
 * that several run at once and progress can be told; elsewhere, where each would be sent all arrays, one task does all.
 */
import { AnantError } from '@anant/core';
import type { KernelRun } from './run-kernel-task.js';

export interface SourceBlocks<Output> {
  readonly total: number;
  /** Sources of a block; the last may have fewer. */
  readonly blockSize: number;
  readonly isDivided: boolean;
  /** Runs the sources from `from` to `to`. */
  readonly call: (from: number, to: number) => Promise<Output>;
  /** Takes what a block gave, in the order of blocks. */
  readonly add: (output: Output) => void;
}

/** Arcs that a block passes, roughly: it should take long beside starting a task, and be short beside patience. */
const BLOCK_ARCS = 2 ** 27;
const BLOCK_SOURCES_MIN = 4;
const BLOCK_SOURCES_MAX = 4096;

/** Sources of a block, from the number of arcs alone: sums run over blocks, and must not depend on where they are made. */
export const blockSizeFor = (arcCount: number): number =>
  Math.min(Math.max(Math.ceil(BLOCK_ARCS / Math.max(arcCount, 1)), BLOCK_SOURCES_MIN), BLOCK_SOURCES_MAX);

/** @throws AnantError `E_TIMEOUT` when blocks take longer than the run may; what a block ended with otherwise. */
export async function inBlocks<Output>(
  run: KernelRun,
  { total, blockSize, isDivided, call, add }: SourceBlocks<Output>,
): Promise<void> {
  const size = isDivided ? blockSize : Math.max(total, 1);
  const blocks = Math.max(1, Math.ceil(total / size));
  const startMs = performance.now();
  const running: Promise<Output>[] = [];
  try {
    for (let begun = 0, ended = 0; ended < blocks; ended++) {
      for (; begun < blocks && running.length < run.threads; begun++) {
        const block = call(begun * size, Math.min((begun + 1) * size, total));
        block.catch(() => undefined);
        running.push(block);
      }
      add(await running.shift()!);
      const done = Math.min((ended + 1) * size, total);
      run.onProgress?.({ done, total });
      if (done < total) requireTime(run, startMs, { done, total });
    }
  } finally {
    // Nothing may be released while a kernel still reads it.
    await Promise.allSettled(running);
  }
}

/** Each block has the time of a task; together they have no more. */
function requireTime(
  { timeMsMax }: KernelRun,
  startMs: number,
  { done, total }: { readonly done: number; readonly total: number },
): void {
  const elapsedMs = performance.now() - startMs;
  if (timeMsMax === undefined || elapsedMs <= timeMsMax) return;
  const wantedS = Math.ceil((elapsedMs / done) * total * 1e-3);
  throw new AnantError(
    'E_TIMEOUT',
    `After ${Math.round(elapsedMs / 1000)} s, ${done} of ${total} sources are done; the run may take ${timeMsMax} ms.`,
    {
      advice: `Allow about ${wantedS} s (--timeout), take a larger s, or, where there is that parameter, "samples" below ${total}.`,
      details: { done, total, timeMsMax },
    },
  );
}

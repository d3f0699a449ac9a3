/** What processes hold, as the system sees it: to find what is left behind. */
import { readdirSync, readlinkSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'vitest';

/** A count by kind: descriptors, sockets, threads, and the handles of the event loop by type. */
export type Footprint = Readonly<Record<string, number>>;

const SETTLE_MS_MAX = 15_000;
const POLL_MS = 20;

/** Of this process. */
export function ownFootprint(): Footprint {
  const handles: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) handles[name] = (handles[name] ?? 0) + 1;
  return { ...handles, ...footprintOf([process.pid]) };
}

/** Of several processes together. One that has ended holds nothing. */
export function footprintOf(pids: readonly number[]): Footprint {
  const total = { descriptors: 0, sockets: 0, threads: 0 };
  for (const pid of pids) {
    const descriptors = entriesOf(`/proc/${pid}/fd`);
    total.descriptors += descriptors.length;
    total.sockets += descriptors.filter((name) => isSocket(`/proc/${pid}/fd/${name}`)).length;
    total.threads += entriesOf(`/proc/${pid}/task`).length;
  }
  return total;
}

/**
 * Waits until there is no more of anything than before; what has ended may take a moment to be let go. No timer of
 * its own is open while it measures.
 */
export async function expectBackTo(before: Footprint, measure: () => Footprint, spare = 0): Promise<void> {
  const endMs = performance.now() + SETTLE_MS_MAX;
  for (;;) {
    collectGarbage();
    const grown = Object.entries(measure()).filter(([kind, count]) => count > (before[kind] ?? 0) + spare);
    if (grown.length === 0) return;
    if (performance.now() > endMs) {
      expect(grown.map(([kind, count]) => `${kind}: ${before[kind] ?? 0} → ${count}`)).toEqual([]);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Closed sockets may keep a descriptor until they are collected. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('socket:');
  } catch {
    return false;
  }
}

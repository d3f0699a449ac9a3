/** Processes of this machine, from /proc: what a fault has to hit and what a test must not leave behind. */
import { readdirSync, readFileSync } from 'node:fs';

export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  /** Clock ticks since boot at which it started: larger is newer. */
  readonly startTicks: number;
  readonly command: string;
}

/** Every live process. Zombies are no live processes. */
export function processes(): readonly RunningProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processOf(Number(name)) ?? []);
}

export function processOf(pid: number): RunningProcess | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, parent: Number(fields[1]), startTicks: Number(fields[19]), command };
  } catch {
    // It ended while it was looked at.
    return undefined;
  }
}

/** Every process below `root`, at any depth. */
export function descendantsOf(root: number): readonly RunningProcess[] {
  const all = processes();
  const below = new Set([root]);
  for (let size = 0; size !== below.size; ) {
    size = below.size;
    for (const { pid, parent } of all) if (below.has(parent)) below.add(pid);
  }
  return all.filter(({ pid }) => pid !== root && below.has(pid));
}

/** Live processes whose environment holds `text`: also those that left the tree of whoever started them. */
export function processesWith(text: string): readonly number[] {
  return processes()
    .map(({ pid }) => pid)
    .filter((pid) => environmentOf(pid).includes(text));
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

/** The newest process below this one whose command line matches. @throws Error when there is none */
export function newestDescendant(pattern: RegExp): RunningProcess {
  const found = descendantsOf(process.pid)
    .filter(({ command }) => pattern.test(command))
    .sort((left, right) => right.startTicks - left.startTicks || right.pid - left.pid)[0];
  if (found === undefined) throw new Error(`No process below this one matches ${pattern}.`);
  return found;
}

/** Sends a signal; a process that is gone already is fine. */
export function signal(pid: number, name: NodeJS.Signals): void {
  if (pid === process.pid) throw new Error('A fault must not hit the test itself.');
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Waits until none of `pids` lives, at most `deadlineMs`; gives those that still do. */
export async function survivors(pids: readonly number[], deadlineMs: number): Promise<readonly number[]> {
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    const left = pids.filter((pid) => processOf(pid) !== undefined);
    if (left.length === 0 || performance.now() > endMs) return left;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Processes by number and start: a number alone may have passed to another process. */
import { readFileSync } from 'node:fs';

/** When a live process started, as text that is equal for the same process; `undefined` when it does not live. */
export function startOf(pid: number): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : (fields[19] ?? '');
  } catch {
    return isAliveElsewhere(pid) ? '' : undefined;
  }
}

/** Systems without /proc tell only whether the number is taken. */
function isAliveElsewhere(pid: number): boolean {
  if (process.platform === 'linux') return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export const isSameProcess = ({
  pid,
  started,
}: {
  readonly pid: number;
  readonly started: string;
}): boolean => startOf(pid) === started;

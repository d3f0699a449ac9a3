/** Runs a backend in another Node process with open tasks, and kills that process. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { descendantsOf, survivors } from './processes.js';

/** How the other process makes its backend. */
export interface ParentProgram {
  /** Package that exports `factory`. */
  readonly package: string;
  readonly factory: string;
  readonly options: unknown;
}

const START_MS_MAX = 90_000;
/** What the bridge promises: everything gone within this time of the parent's death. */
const ORPHANS_MS_MAX = 2_000;

export async function killParent(program: ParentProgram): Promise<{ readonly orphans: readonly number[] }> {
  const path = fileURLToPath(new URL('./parent-program.mjs', import.meta.url));
  const parent = spawn(process.execPath, [path, JSON.stringify(program)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The parent program did not start.')), START_MS_MAX);
    parent.stdout.once('data', () => {
      clearTimeout(timer);
      resolve();
    });
    parent.once('exit', (code) => reject(new Error(`The parent program ended with ${code}.`)));
  });
  const below = descendantsOf(parent.pid!).map(({ pid }) => pid);
  const exited = new Promise((resolve) => parent.once('exit', resolve));
  parent.kill('SIGKILL');
  await exited;
  return { orphans: await survivors(below, ORPHANS_MS_MAX) };
}

/** Runs a backend in another Node process with open tasks, and kills that process. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { descendantsOf, processesWith, survivors } from './processes.js';

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
  const marker = `ANANT_TEST_PARENT=${randomUUID()}`;
  const parent = spawn(process.execPath, [path, JSON.stringify(program)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...Object.fromEntries([marker.split('=')]) },
  });
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The parent program did not start.')), START_MS_MAX);
    parent.stdout.once('data', () => {
      clearTimeout(timer);
      resolve();
    });
    parent.once('exit', (code) => reject(new Error(`The parent program ended with ${code}.`)));
  });
  const below = new Set([...descendantsOf(parent.pid!).map(({ pid }) => pid), ...processesWith(marker)]);
  below.delete(parent.pid!);
  const exited = new Promise((resolve) => parent.once('exit', resolve));
  parent.kill('SIGKILL');
  await exited;
  const endMs = performance.now() + ORPHANS_MS_MAX;
  const left = await survivors([...below], ORPHANS_MS_MAX);
  // One that was started at the last moment is in no list of before; it has the same time.
  const late = await survivors(processesWith(marker), Math.max(0, endMs - performance.now()));
  return { orphans: [...new Set([...left, ...late])] };
}

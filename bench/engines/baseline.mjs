/** Drives `engine_baseline.py`: requests in, times out. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('./engine_baseline.py', import.meta.url));

/** Starts an engine with its own Python client. */
export async function startBaseline(python, engine, workers) {
  const child = spawn(python, [PROGRAM, engine, '--workers', String(workers)], {
    stdio: ['pipe', 'pipe', process.env.ANANT_BENCH_VERBOSE ? 'inherit' : 'ignore'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`The baseline of ${engine} ended; run with ANANT_BENCH_VERBOSE=1 to see why.`);
    return JSON.parse(value);
  };
  await next();
  return {
    /** Times in milliseconds. */
    async ask(verb, amount) {
      child.stdin.write(`${verb} ${amount}\n`);
      return (await next()).map((seconds) => seconds * 1000);
    },
    async stop() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

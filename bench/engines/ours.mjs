/** The same requests through the client, the adapter and the bridge. */
import { fileURLToPath } from 'node:url';
import { connect, definePythonTask } from '@anant/core';
import { z } from 'zod';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const task = (name) =>
  definePythonTask({ target: `engine_tasks:${name}`, input: z.any(), output: z.any(), workload: 'batch' });
const noop = task('noop');
const take = task('take');
const make = task('make');
const ELEMENT_BYTES = 8;

/** Starts a local engine by its adapter. */
export async function startOurs(python, engine, workers) {
  const adapter = await import(`@anant/backend-${engine}`);
  const backend = adapter[engine]({ python, pythonPath: [FOLDER], local: { workers } });
  const client = connect({ backends: { [engine]: backend }, defaults: { backend: engine } });
  await client.run(noop, 0);
  const timed = async (action) => {
    const begin = performance.now();
    await action();
    return performance.now() - begin;
  };
  let array = new Float64Array(0);
  return {
    async ask(verb, amount) {
      if (verb === 'batch') {
        const values = Array.from({ length: amount }, (_, index) => index);
        return [await timed(() => client.map(noop, values))];
      }
      if (verb === 'single') {
        const times = [];
        for (let value = 0; value < amount; value += 1)
          times.push(await timed(() => client.run(noop, value)));
        return times;
      }
      if (verb === 'back') return [await timed(() => client.run(make, amount / ELEMENT_BYTES))];
      if (array.byteLength !== amount) array = new Float64Array(amount / ELEMENT_BYTES).fill(0.5);
      return [await timed(() => client.run(take, array))];
    },
    stop: () => client.close(),
  };
}

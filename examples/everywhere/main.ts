/** One task on every backend: the configuration names the backends, the call picks one. */
import { connectFromConfig } from '@anant/core/config';
import { pythonSum, sum } from './tasks.js';

await using client = await connectFromConfig({ cwd: import.meta.dirname });
const values = Float64Array.from({ length: 1000 }, (_, index) => 1 / (index + 1));

for (const backend of ['native', 'dask', 'ray', 'celery']) {
  const results = await Promise.all([
    client.run(sum, values, { backend }),
    client.run(pythonSum, values, { backend }),
  ]);
  console.log(backend, ...results);
}

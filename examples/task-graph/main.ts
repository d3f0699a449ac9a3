/** A task graph, whose intermediate results stay with the backend, and outcomes that say what happened. */
import { connectFromConfig } from '@anant/core/config';
import { lengths, mean, slowly, words } from './tasks.js';

await using client = await connectFromConfig();

const graph = client.graph((build) => {
  const list = build.add(words, 'A hyperedge joins any number of vertices');
  const values = build.add(lengths, list);
  return { mean: build.add(mean, { values }) };
});
console.log(await graph.results());

const handle = client.submit(slowly, 10_000);
for await (const { total } of handle.progress()) {
  console.log(`running, ${total} steps to go`);
  break;
}
console.log(await handle.cancel('kill'));
const outcome = await handle.outcome();
console.log(outcome.status, outcome.backend);

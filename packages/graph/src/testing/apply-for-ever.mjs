/** For tests: applies batches to a live hypergraph in the folder it is given and prints each durable epoch, until killed. */
import { LiveHypergraph } from '@anant/graph';

const graph = await LiveHypergraph.open({ folder: process.argv[2] });
for (;;) {
  const batch = [0, 1, 2].map((at) => ({ type: 'hyperedge-add', members: [at, at + 1] }));
  console.log(await graph.apply(batch));
}

/** Run as a process of its own: loads one graph and prints how much larger the process became, in bytes. */
import { Hypergraph } from '@anant/graph';

const settle = () => {
  for (let i = 0; i < 3; i++) globalThis.gc();
  return process.memoryUsage().rss;
};

const [path, warmUpPath] = process.argv.slice(2);
// Loading something small first keeps compiled code and stream buffers out of the difference.
(await Hypergraph.load(warmUpPath))[Symbol.dispose]();
const before = settle();
const graph = await Hypergraph.load(path);
const after = settle();
console.log(JSON.stringify({ bytes: after - before, incidences: graph.incidenceCount }));

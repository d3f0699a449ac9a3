/** Run as a process of its own: loads one graph and prints how much larger the process became, in bytes. */
import { setTimeout } from 'node:timers/promises';
import { Hypergraph } from '@anant/graph';

/** Array buffers are freed by a thread of their own some time after a collection. */
const settle = async () => {
  for (let i = 0; i < 5; i++) {
    globalThis.gc();
    await setTimeout(20);
  }
  return process.memoryUsage().rss;
};

const [path, warmUpPath] = process.argv.slice(2);
// Loading something small first keeps compiled code and stream buffers out of the difference.
(await Hypergraph.load(warmUpPath))[Symbol.dispose]();
const before = await settle();
const graph = await Hypergraph.load(path);
const after = await settle();
console.log(JSON.stringify({ bytes: after - before, incidences: graph.incidenceCount }));

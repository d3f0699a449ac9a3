/** Other libraries on the same graph, in the same run, through a Python that has them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./peers.py', import.meta.url));
const NOT_INSTALLED = 3;
/** What each library is asked for. */
const KERNELS = {
  scipy: ['components', 'bfs', 'spmv', 'pagerank'],
  networkit: ['components', 'bfs', 'pagerank', 'k-core'],
  igraph: ['components', 'bfs', 'k-core'],
  rustworkx: ['components', 'bfs', 'k-core'],
};

/**
 * Milliseconds by library and kernel, PageRank per iteration; Infinity for what a library did not end within its time.
 * @param limitS Seconds for one library: starting, building its graph and all kernels.
 */
export function peerTimes(python, graph, request, limitS) {
  const folder = mkdtempSync(join(tmpdir(), 'anant-peers-'));
  try {
    writeFileSync(join(folder, 'offsets'), graph.edgeToNodes.offsets);
    writeFileSync(join(folder, 'members'), graph.edgeToNodes.members);
    writeFileSync(join(folder, 'request.json'), JSON.stringify({ vertices: graph.vertexCount, ...request }));
    const entries = Object.keys(KERNELS).flatMap((name) => {
      const times = timesOf(python, folder, name, limitS);
      return times === undefined ? [] : [[name, times]];
    });
    return Object.fromEntries(entries);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @returns undefined for a library that is not installed. */
function timesOf(python, folder, name, limitS) {
  const { status, signal, error, stdout } = spawnSync(python, [script, folder, name], {
    timeout: limitS * 1000,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status === NOT_INSTALLED) return undefined;
  if (status !== 0 && signal === null) {
    throw new Error(`${python} ${script} ended with ${status} for ${name}.`, { cause: error });
  }
  const lines = stdout
    .toString()
    .split('\n')
    .filter((line) => line.endsWith('}'));
  const measured = new Map(lines.map((line) => JSON.parse(line)).map(({ kernel, ms }) => [kernel, ms]));
  return Object.fromEntries(KERNELS[name].map((kernel) => [kernel, measured.get(kernel) ?? Infinity]));
}

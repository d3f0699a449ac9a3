/** Other libraries on the same graph, in the same run, through a Python that has them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./peers.py', import.meta.url));

/** Milliseconds by library and kernel; PageRank per iteration. */
export function peerTimes(python, graph, request) {
  const folder = mkdtempSync(join(tmpdir(), 'anant-peers-'));
  try {
    writeFileSync(join(folder, 'offsets'), graph.edgeToNodes.offsets);
    writeFileSync(join(folder, 'members'), graph.edgeToNodes.members);
    writeFileSync(join(folder, 'request.json'), JSON.stringify({ vertices: graph.vertexCount, ...request }));
    const output = execFileSync(python, [script, folder], {
      timeout: 900_000,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return JSON.parse(output.toString());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

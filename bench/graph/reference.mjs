/** The C reference on a graph: compiled with the C compiler of the machine, where there is one. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('./c/reference.c', import.meta.url));

/** @returns Milliseconds by kernel, PageRank per iteration; undefined without a C compiler. */
export function referenceTimes(graph, { sources, runs, damping, tolerance }) {
  if (spawnSync('cc', ['--version']).status !== 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'anant-reference-'));
  try {
    const program = join(folder, 'reference');
    execFileSync('cc', ['-O3', '-o', program, source, '-lm'], { timeout: 120_000 });
    writeFileSync(join(folder, 'offsets'), graph.edgeToNodes.offsets);
    writeFileSync(join(folder, 'members'), graph.edgeToNodes.members);
    writeFileSync(join(folder, 'nodeOffsets'), graph.nodeToEdges.offsets);
    writeFileSync(join(folder, 'nodeMembers'), graph.nodeToEdges.members);
    writeFileSync(join(folder, 'sources'), new Uint32Array(sources));
    const output = execFileSync(program, [folder, String(runs), String(damping), String(tolerance)], {
      timeout: 600_000,
    });
    const { components, bfs, pagerank, 'k-core': core, spmv } = JSON.parse(output.toString());
    return { components, bfs, pagerank, 'k-core': core, spmv };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

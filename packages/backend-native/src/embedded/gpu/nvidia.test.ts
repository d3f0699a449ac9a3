import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findNvidiaGpus, parseNvidia } from './nvidia.js';

const TWO = `0, NVIDIA H100 80GB HBM3, 81559, 1024, 37
1, NVIDIA H100 80GB HBM3, 81559, 0, [N/A]
`;

function program(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'anant-nvidia-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'smi');
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

describe('NVIDIA GPUs', () => {
  it('are read from what nvidia-smi prints', () => {
    const gpus = parseNvidia(TWO);
    expect(gpus.map(({ index, load }) => [index, load])).toEqual([
      [0, 0.37],
      [1, 0],
    ]);
    expect(gpus[0]).toMatchObject({ name: 'NVIDIA H100 80GB HBM3', memoryBytes: 81559 * 2 ** 20 });
  });

  it('are none where it prints something else', () => {
    expect(parseNvidia('NVIDIA-SMI has failed because it could not communicate with the driver.')).toEqual(
      [],
    );
    expect(parseNvidia('0, GPU, [N/A], [N/A], [N/A]')).toEqual([]);
    expect(parseNvidia('')).toEqual([]);
  });

  it('are none where the program is missing, fails or hangs', async () => {
    expect(await findNvidiaGpus({ program: '/nonexistent/nvidia-smi' })).toEqual([]);
    expect(await findNvidiaGpus({ program: program('exit 9') })).toEqual([]);
    expect(await findNvidiaGpus({ program: program('exec sleep 30'), timeoutMs: 200 })).toEqual([]);
  });

  it('come from the program when it works', async () => {
    const gpus = await findNvidiaGpus({ program: program(`cat <<'END'\n${TWO}END`) });
    expect(gpus).toHaveLength(2);
  });
});

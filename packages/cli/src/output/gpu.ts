/** A probe of gpu.js in one line, honest about what it is not. */
import type { GpuReport } from '@anant/core';

const DEVICES = {
  webgpu: 'WebGPU',
  webgl: 'WebGL',
  webasm: 'WebAssembly on the processor',
  cpu: 'JavaScript on the processor',
};

export function describeGpu({ version, device, adapter, reason }: GpuReport): string {
  const name = [adapter?.vendor, adapter?.architecture, adapter?.description].filter(Boolean).join(' ');
  const kind = adapter?.isSoftware ? `a software adapter, no GPU: ${name}` : name;
  const detail = adapter ? (kind ? ` (${kind})` : '') : ` (${reason})`;
  return `gpu.js ${version}: kernels run on ${DEVICES[device]}${detail}`;
}

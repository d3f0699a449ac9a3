/** Loads Dawn, the WebGPU of gpu.js, and asks it for an adapter. A native library: it may refuse to load, or crash. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { GpuAdapter } from '../contract/index.js';

interface AdapterInfo {
  readonly vendor?: string;
  readonly architecture?: string;
  readonly description?: string;
  readonly isFallbackAdapter?: boolean;
}
interface Adapter {
  readonly info?: AdapterInfo;
  readonly isFallbackAdapter?: boolean;
}
interface WebGpu {
  requestAdapter(): Promise<Adapter | null>;
}
interface Dawn {
  create(flags: readonly string[]): WebGpu;
  readonly globals: object;
}

/** Names under which programs that emulate an adapter show up. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render/i;

export interface OpenedAdapter {
  readonly webgpu: WebGpu;
  readonly globals: object;
  readonly adapter: GpuAdapter;
}

/** @param main of gpu.js, whose dependency Dawn is. @throws Error saying why there is none */
export async function openAdapter(main: string): Promise<OpenedAdapter> {
  // The package has no CommonJS entry, and its type is "module": it is found by name and imported by file.
  const file = createRequire(main).resolve('webgpu');
  const { create, globals } = (await import(pathToFileURL(file).href)) as Dawn;
  const webgpu = create([]);
  const found = await webgpu.requestAdapter();
  if (found === null) throw new Error('Dawn loaded, but found no WebGPU adapter.');
  return { webgpu, globals, adapter: describe(found) };
}

function describe({ info, isFallbackAdapter }: Adapter): GpuAdapter {
  const { vendor = '', architecture = '', description = '' } = info ?? {};
  const isFallback = info?.isFallbackAdapter === true || isFallbackAdapter === true;
  const isSoftware = isFallback || SOFTWARE.test(`${vendor} ${architecture} ${description}`);
  return { vendor, architecture, description, isSoftware };
}

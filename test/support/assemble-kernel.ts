/** Compiles AssemblyScript source to a kernel module, as the kernel ABI wants it. */
import asc from 'assemblyscript/asc';

export interface AssembleOptions {
  /** Largest memory the module accepts, in pages. @default 65536 */
  readonly maximumPages?: number;
  /** Further compiler flags. */
  readonly flags?: readonly string[];
}

/** @throws Error with the compiler's messages when the source does not compile. */
export async function assembleKernel(source: string, options: AssembleOptions = {}): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const withHeapBase = `${source}\nexport { __heap_base };\n`;
  const flags = ['kernel.ts', '--outFile', 'kernel.wasm', '-O3', '--runtime', 'stub', '--importMemory'];
  const memory = [
    '--sharedMemory',
    '--initialMemory',
    '1',
    '--maximumMemory',
    `${options.maximumPages ?? 65_536}`,
  ];
  const features = ['--enable', 'threads', '--enable', 'simd', '--noExportMemory'];
  const { error, stderr } = await asc.main([...flags, ...memory, ...features, ...(options.flags ?? [])], {
    readFile: (name) => (name === 'kernel.ts' ? withHeapBase : null),
    writeFile: (name, contents) => {
      if (name === 'kernel.wasm') binary = contents as Uint8Array;
    },
    listFiles: () => [],
  });
  if (error || !binary)
    throw new Error(`The kernel does not compile: ${stderr.toString()}`, { cause: error });
  return binary;
}

/** Compiles the AssemblyScript kernels to `dist/kernels/graph.wasm` and checks the result against the kernel ABI. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join('src', 'kernels', 'assembly', 'index.ts');
const target = join(packageFolder, 'dist', 'kernels', 'graph.wasm');

const options = [
  ['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort='],
  [
    '--importMemory',
    '--noExportMemory',
    '--sharedMemory',
    '--initialMemory',
    '1',
    '--maximumMemory',
    '65536',
  ],
  ['--enable', 'threads', '--enable', 'simd'],
].flat();

/** Compiles to bytes. @throws Error with the compiler's messages. */
async function compile() {
  let wasm;
  const { error, stderr } = await asc.main([source, '--outFile', 'graph.wasm', ...options], {
    readFile: (name, folder) => {
      try {
        return readFileSync(join(packageFolder, folder ?? '.', name), 'utf8');
      } catch {
        return null;
      }
    },
    writeFile: (_name, contents) => {
      wasm = contents;
    },
    listFiles: () => [],
  });
  if (error || !wasm) throw new Error(`The kernels do not compile.\n${stderr.toString()}`, { cause: error });
  return wasm;
}

/** @throws Error when the module imports more than `env.memory` or lacks `__heap_base`. */
function check(wasm) {
  const module = new WebAssembly.Module(wasm);
  const imports = WebAssembly.Module.imports(module).map(({ module: from, name }) => `${from}.${name}`);
  if (imports.join() !== 'env.memory') throw new Error(`graph.wasm imports ${imports.join(', ')}.`);
  const exported = WebAssembly.Module.exports(module).map(({ name }) => name);
  if (!exported.includes('__heap_base')) throw new Error('graph.wasm does not export __heap_base.');
}

const wasm = await compile();
check(wasm);
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, wasm);

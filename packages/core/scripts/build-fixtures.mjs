/** Compiles the kernel fixtures of the conformance kit to dist/conformance/fixtures.wasm. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = readFileSync(join(root, 'src/conformance/kernel/fixtures.as'), 'utf8');
const target = join(root, 'dist/conformance/fixtures.wasm');

const options = [
  ['--outFile', 'fixtures.wasm', '-O3', '--runtime', 'stub'],
  ['--importMemory', '--noExportMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '4096'],
  ['--enable', 'threads', '--enable', 'simd', '--use', 'abort='],
].flat();

// asc insists on the extension .ts, which the TypeScript compiler would then try to read: hand it the text instead.
const { error, stderr } = await asc.main(['fixtures.ts', ...options], {
  readFile: (name) => (name === 'fixtures.ts' ? source : null),
  writeFile(name, contents) {
    if (name !== 'fixtures.wasm') return;
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, contents);
  },
  listFiles: () => [],
});
if (error) {
  console.error(stderr.toString());
  throw error;
}

/** Whether a strict TypeScript project can use the declarations of packages: every line of theirs is checked, without browser types. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './steps.mjs';

const COMPILE_MS_MAX = 10 * 60_000;
const OUTPUT_BYTES_MAX = 2 ** 26;

const OPTIONS = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  target: 'ES2022',
  // No DOM: servers have none.
  lib: ['ES2022'],
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
  module: 'NodeNext',
  skipLibCheck: false,
  noEmit: true,
};
/** Faults of other packages' declarations are theirs. */
const OURS = /^(consumer\.ts|.*node_modules\/(@anant|anant)\/(?!.*node_modules))/;

/**
 * Compiles a project that imports all entries.
 * @param folder where the packages are installed
 * @param specifiers of entries with declarations
 */
export async function checkDeclarations(folder, specifiers) {
  const imports = specifiers.map((specifier, index) => `export type * as entry${index} from '${specifier}';`);
  writeFileSync(join(folder, 'consumer.ts'), imports.join('\n'));
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: OPTIONS, files: ['consumer.ts'] }),
  );
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const { failed, output } = await new Promise((resolve) => {
    const limits = { cwd: folder, timeout: COMPILE_MS_MAX, maxBuffer: OUTPUT_BYTES_MAX };
    execFile(process.execPath, [compiler, '--pretty', 'false'], limits, (error, stdout, stderr) =>
      resolve({ failed: error, output: stdout + stderr }),
    );
  });
  if (!failed) return;
  const lines = output.split('\n').filter((line) => line.includes('error TS'));
  if (lines.length === 0) throw failed;
  const own = lines.filter((line) => OURS.test(line));
  if (own.length > 0) throw new Error(`A strict project cannot use the declarations:\n${own.join('\n')}`);
}

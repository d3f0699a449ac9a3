/**
 * Installs packages from their packed tarballs into empty folders, as a user would: each holds what it must, core alone
 * brings nothing heavy, each adapter installs and loads alone, every published entry can be imported, and a strict TypeScript
 * project compiles against its declarations.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from './lib/steps.mjs';
import { checkDeclarations } from './lib/strict-consumer.mjs';
import { checkTarball, typedEntries } from './lib/tarball.mjs';

const HEAVY = ['zeromq', 'piscina', 'pythonia', 'ioredis', 'lmdb', '@grpc/grpc-js', 'gpu.js'];
const CORE_DEPENDENCIES_MAX = 5;
const SETS = {
  core: ['core'],
  graph: ['core', 'graph'],
  'backend-native': ['core', 'bridge', 'backend-native'],
  'backend-dask': ['core', 'bridge', 'backend-dask'],
  'backend-ray': ['core', 'bridge', 'backend-ray'],
  'backend-celery': ['core', 'bridge', 'backend-celery'],
  cli: ['core', 'bridge', 'graph', 'backend-native', 'cli'],
};

const manifestOf = (name) => JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));

/** Import specifiers of a package's entries. */
function entriesOf(name) {
  const { name: packageName, exports } = manifestOf(name);
  return typedEntries(exports).map((path) => packageName + path.slice(1));
}

async function pack(name, folder) {
  const output = await run('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: join(root, 'packages', name),
  });
  const [{ filename, files }] = JSON.parse(output.slice(output.indexOf('[')));
  checkTarball(
    manifestOf(name),
    files.map(({ path }) => path),
  );
  return join(folder, filename);
}

function checkCore(folder) {
  const direct = Object.keys(manifestOf('core').dependencies);
  if (direct.length > CORE_DEPENDENCIES_MAX)
    throw new Error(`@anant/core has ${direct.length} dependencies: ${direct.join(', ')}`);
  const heavy = HEAVY.filter((name) => existsSync(join(folder, 'node_modules', name)));
  if (heavy.length > 0) throw new Error(`@anant/core alone installs ${heavy.join(', ')}`);
  const siblings = readdirSync(join(folder, 'node_modules', '@anant'));
  if (siblings.length !== 1) throw new Error(`@anant/core alone installs ${siblings.join(', ')}`);
}

const scratch = mkdtempSync(join(tmpdir(), 'anant-packages-'));
try {
  const tarballs = {};
  const compiled = [];
  for (const name of new Set(Object.values(SETS).flat())) tarballs[name] = await pack(name, scratch);
  for (const [name, members] of Object.entries(SETS)) {
    const folder = join(scratch, `use-${name}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    const files = members.map((member) => tarballs[member]);
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...files], { cwd: folder });
    const program = entriesOf(name)
      .map((entry) => `await import('${entry}');`)
      .join('\n');
    await run(process.execPath, ['--input-type=module', '-e', program], { cwd: folder });
    if (name === 'core') checkCore(folder);
    // While the next one is installed, which takes the network and hardly any processor.
    compiled.push(
      checkDeclarations(folder, entriesOf(name)).then(
        () => undefined,
        (error) => error,
      ),
    );
    if (name === 'cli')
      await run(join(folder, 'node_modules', '.bin', 'anant'), ['--version'], { cwd: folder });
    console.log(`${name}: installs and loads alone`);
  }
  const fault = (await Promise.all(compiled)).find((error) => error !== undefined);
  if (fault !== undefined) throw fault;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

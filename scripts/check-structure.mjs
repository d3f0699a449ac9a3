/**
 * The rules of the layout, checked: imports follow the arrows, nothing imports in a circle, files stay within the
 * line budget, sans-IO folders use no clock, randomness or timers of their own, and nothing names a registry host.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { root } from './lib/steps.mjs';

const LINES_MAX = 400;
const ARROWS = {
  core: [],
  graph: ['core'],
  bridge: ['core'],
  'backend-native': ['core', 'bridge'],
  'backend-dask': ['core', 'bridge'],
  'backend-ray': ['core', 'bridge'],
  'backend-celery': ['core', 'bridge'],
  cli: ['core', 'graph', 'bridge', 'backend-native', 'backend-dask', 'backend-ray', 'backend-celery'],
};
const SANS_IO = /packages\/[^/]+\/src\/(policy|routing|protocol)\//;
/** Made by `scripts/generate-proto.mjs`. */
const GENERATED = /packages\/backend-native\/src\/cluster\/proto\//;
const IMPURE = /\b(Date\.now|Math\.random|setTimeout|setInterval|setImmediate|performance\.now)\b/;
// In pieces, so that this file does not name one itself.
const REGISTRY_HOSTS = new RegExp(
  [/registry\.np/, /mjs/, /|files\.py/, /thonhosted/].map(({ source }) => source).join(''),
);

const problems = [];
const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file && existsSync(join(root, file)));
const read = (file) => readFileSync(join(root, file), 'utf8');
const isTest = (file) => /\.(test|test-d)\.ts$/.test(file);
const sources = tracked.filter((file) => /^packages\/[^/]+\/src\/.*\.ts$/.test(file));

const IMPORT =
  /(?:^|\n)\s*(import|export)\s+(type\s+)?([^'";]*?from\s*)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;

/** Value imports of a file; type-only imports cannot make a cycle at run time. */
function importsOf(file) {
  return [...read(file).matchAll(IMPORT)].map((match) => ({
    specifier: match[4] ?? match[5],
    isType: match[2] !== undefined,
    isDynamic: match[5] !== undefined,
  }));
}

function packageOf(specifier) {
  if (specifier === 'anant') return 'cli';
  return specifier.match(/^@anant\/([^/]+)/)?.[1];
}

function checkArrows() {
  for (const file of sources) {
    const own = file.split('/')[1];
    for (const { specifier, isType, isDynamic } of importsOf(file)) {
      const target = packageOf(specifier);
      if (
        target &&
        target !== own &&
        !ARROWS[own]?.includes(target) &&
        !(isTest(file) && !isType && !isDynamic)
      ) {
        problems.push(
          `${file}: imports @anant/${target}, against the arrows (${own} may import ${ARROWS[own].join(', ') || 'nothing'})`,
        );
      }
    }
  }
}

function checkCycles() {
  const graph = new Map();
  for (const file of sources.filter((name) => !isTest(name))) {
    const targets = importsOf(file)
      .filter(({ specifier, isType, isDynamic }) => specifier.startsWith('.') && !isType && !isDynamic)
      .map(({ specifier }) =>
        relative(root, resolve(root, dirname(file), specifier.replace(/\.js$/, '.ts'))),
      );
    graph.set(file, targets);
  }
  const state = new Map();
  const visit = (file, path) => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      problems.push(`import cycle: ${[...path.slice(path.indexOf(file)), file].join(' → ')}`);
      return;
    }
    state.set(file, 'open');
    for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of graph.keys()) visit(file, []);
}

function checkFiles() {
  for (const file of tracked.filter((name) => /\.(ts|mjs|py)$/.test(name))) {
    const text = read(file);
    const lines = text.split('\n').length;
    if (lines > LINES_MAX && !GENERATED.test(file))
      problems.push(`${file}: ${lines} lines, the budget is ${LINES_MAX}`);
    if (SANS_IO.test(file) && !isTest(file) && IMPURE.test(text)) {
      problems.push(`${file}: sans-IO code must take clock and randomness as parameters`);
    }
  }
  for (const file of tracked.filter((name) => /\.(json|md|ts|mjs|py|toml|txt|yml)$/.test(name))) {
    if (REGISTRY_HOSTS.test(read(file))) problems.push(`${file}: names a package registry host`);
  }
}

/** Exact sibling versions: npm has no workspace protocol, so a test keeps them in step. */
function checkManifests() {
  const version = JSON.parse(read('package.json')).version;
  for (const name of Object.keys(ARROWS)) {
    const manifest = JSON.parse(read(`packages/${name}/package.json`));
    if (manifest.version !== version)
      problems.push(`packages/${name}: version ${manifest.version}, not ${version}`);
    for (const group of ['dependencies', 'peerDependencies']) {
      for (const [dependency, range] of Object.entries(manifest[group] ?? {})) {
        if (packageOf(dependency) && range !== version)
          problems.push(`packages/${name}: ${dependency} is ${range}, not ${version}`);
      }
    }
  }
}

checkArrows();
checkCycles();
checkFiles();
checkManifests();
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`${sources.length} sources follow the arrows; no cycles; no file over ${LINES_MAX} lines.`);

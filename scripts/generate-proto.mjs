/**
 * TypeScript, and the image that reflection serves, from `proto/`. `--check` writes nothing: it fails when what is
 * checked in differs, when a file breaks a lint rule, or when it breaks a client of the baseline. `--baseline` accepts
 * the present files as what later ones are compared with.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { root } from './lib/steps.mjs';

const STEP_MS_MAX = 120_000;
const proto = join(root, 'proto');
const baseline = join(proto, 'baseline.binpb');
const target = join(root, 'packages', 'backend-native', 'src', 'cluster', 'proto');
const image = join(root, 'packages', 'backend-native', 'proto', 'anant-v1.binpb');
const bin = (name) => join(root, 'node_modules', '.bin', name);
const OPTIONS = [
  'env=node',
  'esModuleInterop=true',
  'importSuffix=.js',
  'forceLong=number',
  'oneof=unions-value',
  'outputServices=grpc-js',
  'outputJsonMethods=false',
  'outputPartialMethods=true',
  'removeEnumPrefix=true',
  'unrecognizedEnum=false',
  'useExactTypes=false',
  'useReadonlyTypes=false',
];

const run = (command, args, cwd = root) =>
  execFileSync(command, args, {
    cwd,
    timeout: STEP_MS_MAX,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });

function generate(folder) {
  mkdirSync(folder, { recursive: true });
  const template = join(folder, 'buf.gen.yaml');
  const options = OPTIONS.map((option) => `      - ${option}`).join('\n');
  writeFileSync(
    template,
    `version: v2\nplugins:\n  - local: ${bin('protoc-gen-ts_proto')}\n    out: ${folder}\n    opt:\n${options}\n`,
  );
  run(bin('buf'), ['generate', '--template', template, proto]);
  rmSync(template);
  run(bin('buf'), ['build', proto, '-o', join(folder, 'image.binpb')]);
}

const filesOf = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();

function differences(fresh) {
  const sources = filesOf(fresh).filter((file) => file !== 'image.binpb');
  const missing = filesOf(target).filter((file) => !sources.includes(file));
  const same = (left, right) => {
    try {
      return readFileSync(left).equals(readFileSync(right));
    } catch {
      return false;
    }
  };
  const changed = sources.filter((file) => !same(join(fresh, file), join(target, file)));
  return [...missing, ...changed, ...(same(join(fresh, 'image.binpb'), image) ? [] : ['anant-v1.binpb'])];
}

const folder = mkdtempSync(join(tmpdir(), 'anant-proto-'));
try {
  run(bin('buf'), ['lint', proto]);
  generate(folder);
  if (process.argv.includes('--check')) {
    run(bin('buf'), ['breaking', proto, '--against', baseline]);
    const changed = differences(folder);
    if (changed.length > 0) {
      console.error(`Not what proto/ says: ${changed.join(', ')}. Run: node scripts/generate-proto.mjs`);
      process.exitCode = 1;
    } else console.log('Generated code and image are those of proto/; nothing breaks the baseline.');
  } else {
    rmSync(target, { recursive: true, force: true });
    mkdirSync(join(image, '..'), { recursive: true });
    cpSync(join(folder, 'image.binpb'), image);
    if (process.argv.includes('--baseline')) cpSync(image, baseline);
    rmSync(join(folder, 'image.binpb'));
    cpSync(folder, target, { recursive: true });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

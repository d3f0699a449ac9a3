/**
 * Every package that a user installs with Anant may be used and passed on beside code under Apache-2.0: read from what is
 * installed here, and from the lockfile for builds of other platforms.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/steps.mjs';

/** SPDX ids: permissive ones, and MPL-2.0, whose terms stay with its own files. */
const COMPATIBLE = [
  ...[
    '0BSD',
    'Apache-2.0',
    'BlueOak-1.0.0',
    'BSD-2-Clause',
    'BSD-3-Clause',
    'CC0-1.0',
    'ISC',
    'MIT',
    'Unlicense',
  ],
  'MPL-2.0',
];
/** Manifests that name no licence; it was read in the package's LICENSE file. */
const READ_BY_HAND = { pythonia: { id: 'MIT', says: 'The MIT License (MIT)' } };

const json = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** An SPDX expression of ids, AND, OR and parentheses; anything else is not known to be compatible. */
function isCompatible(expression) {
  const tokens = expression.match(/\(|\)|[^\s()]+/g) ?? [];
  const anyOf = () => {
    let holds = allOf();
    while (tokens[0] === 'OR') {
      tokens.shift();
      holds = allOf() || holds;
    }
    return holds;
  };
  const allOf = () => {
    let holds = one();
    while (tokens[0] === 'AND') {
      tokens.shift();
      holds = one() && holds;
    }
    return holds;
  };
  const one = () => {
    const token = tokens.shift();
    if (token !== '(') return COMPATIBLE.includes(token);
    const holds = anyOf();
    return tokens.shift() === ')' && holds;
  };
  return anyOf() && tokens.length === 0;
}

function licenceOf(path, locked) {
  const manifest = join(root, path, 'package.json');
  if (!existsSync(manifest)) return locked.license;
  const { name, license } = json(manifest);
  if (license !== undefined) return license;
  const read = READ_BY_HAND[name];
  if (read === undefined) return undefined;
  return readFileSync(join(root, path, 'LICENSE'), 'utf8').startsWith(read.says) ? read.id : undefined;
}

const { packages } = json(join(root, 'package-lock.json'));
const installed = Object.entries(packages).filter(([path, { dev, link }]) =>
  path.startsWith('node_modules/') || path.startsWith('packages/') ? !dev && !link : false,
);
const refused = installed
  .map(([path, locked]) => [path, licenceOf(path, locked)])
  .filter(([, licence]) => typeof licence !== 'string' || !isCompatible(licence))
  .map(
    ([path, licence]) =>
      `${path.replace(/^.*node_modules\//, '')}: ${JSON.stringify(licence) ?? 'none named'}`,
  );
if (refused.length > 0) {
  console.error(
    `Licences that are not known to be compatible with Apache-2.0:\n${refused.join('\n')}\nTake another package, or add the SPDX id to scripts/check-licences.mjs when it is compatible.`,
  );
  process.exit(1);
}
console.log(`Licences of ${installed.length} packages are compatible with Apache-2.0.`);

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pythonSource } from './setup/python-source.js';
import { fitsVersion, VERSION } from './version.js';

it('is that of the package, and of the Python half beside it', () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(VERSION).toBe(version);
  const python = readFileSync(join(pythonSource(), 'src', 'anant_bridge', 'version.py'), 'utf8');
  expect(fitsVersion(/__version__ = "(.*)"/.exec(python)?.[1] ?? '')).toBe(true);
});

it('fits other patches, not other minors', () => {
  expect(['0.1.0', '0.1.9', '0.2.0', '1.1.0', ''].map(fitsVersion)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

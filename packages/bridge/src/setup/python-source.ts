/** Where the Python half lies: in the repository while developing, in this package once published. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AnantError } from '@anant/core';
import { hostMainPath } from '../host/host-child.js';

const PROJECT = /^name = "anant-bridge"$/m;

/** Folder with `pyproject.toml` and `src/anant_bridge`. @throws AnantError `E_ENGINE_NOT_INSTALLED` */
export function pythonSource(): string {
  const root = join(dirname(hostMainPath()), '..', '..');
  for (const folder of [join(root, '..', '..', 'python'), join(root, 'dist', 'python')]) {
    const project = join(folder, 'pyproject.toml');
    if (existsSync(project) && PROJECT.test(readFileSync(project, 'utf8'))) return folder;
  }
  throw new AnantError(
    'E_ENGINE_NOT_INSTALLED',
    'The Python half of the bridge is missing from @anant/bridge.',
    {
      advice: 'Install @anant/bridge again.',
    },
  );
}

/** The folder to put on an import path. */
export const pythonImportPath = (): string => join(pythonSource(), 'src');

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { environmentFolder, environmentPython, locatePython } from './locate-python.js';

function project(): string {
  const folder = mkdtempSync(join(tmpdir(), 'anant-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

function environment(folder: string, name: string): string {
  const python = environmentPython(environmentFolder(folder, name));
  mkdirSync(dirname(python), { recursive: true });
  writeFileSync(python, '');
  return python;
}

describe('locating Python', () => {
  it('prefers the option, then ANANT_PYTHON, then the environment of setup, then the system', () => {
    const directory = project();
    const nested = join(directory, 'packages', 'app');
    mkdirSync(nested, { recursive: true });
    const locate = (python?: string, ANANT_PYTHON?: string) =>
      locatePython({ engine: 'dask', directory: nested, python, env: { ANANT_PYTHON } });
    expect(locate()).toMatchObject({ executable: 'python3', origin: 'PATH' });
    const shared = environment(directory, 'python');
    expect(locate()).toEqual({ executable: shared, origin: 'setup' });
    const own = environment(directory, 'dask');
    expect(locate()).toEqual({ executable: own, origin: 'setup' });
    expect(locate(undefined, '/env/python')).toEqual({ executable: '/env/python', origin: 'ANANT_PYTHON' });
    expect(locate('/option/python', '/env/python')).toEqual({
      executable: '/option/python',
      origin: 'option',
    });
  });

  it('takes the nearest environment on the way up', () => {
    const directory = project();
    environment(directory, 'ray');
    const inner = join(directory, 'inner');
    const near = environment(inner, 'python');
    expect(locatePython({ engine: 'ray', directory: inner, env: {} }).executable).toBe(near);
  });
});

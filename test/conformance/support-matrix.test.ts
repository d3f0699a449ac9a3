/** The support matrix in the docs says what the manifests say. Run `npm run support-matrix` after a change. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifest as celery } from '@anant/backend-celery';
import { manifest as dask } from '@anant/backend-dask';
import { native } from '@anant/backend-native';
import { manifest as ray } from '@anant/backend-ray';
import { type CapabilityManifest, FEATURES } from '@anant/core';
import { memoryBackend } from '@anant/core/testing';
import { expect, it } from 'vitest';
import { root } from './support/report-file.js';

const MARKS: Readonly<Record<string, string>> = { '–': 'absent', native: 'native', emulated: 'emulated' };
const rows = readFileSync(join(root, 'docs', 'support-matrix.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((part) => part.trim()),
  );
const columns = rows[0]!.slice(1).map((name) => name.replaceAll('`', ''));

const manifests: Readonly<Record<string, CapabilityManifest>> = {
  memory: memoryBackend().manifest,
  native: native().manifest,
  cluster: native({ cluster: { address: '127.0.0.1:1' } }).manifest,
  dask,
  ray,
  celery,
};

it('has a column for every backend and a row for every feature', () => {
  expect(new Set(columns)).toEqual(new Set(Object.keys(manifests)));
  const listed = rows.map(([feature]) => feature);
  for (const feature of FEATURES) expect(listed).toContain(feature);
});

it.each(Object.keys(manifests))('gives the levels of the manifest of %s', (name) => {
  const column = columns.indexOf(name) + 1;
  for (const feature of FEATURES) {
    // Whether the native backend runs Python, or has gpu.js, depends on the machine.
    if ((name === 'native' || name === 'cluster') && ['task.python', 'task.gpu'].includes(feature)) continue;
    const cell = rows.find(([first]) => first === feature)![column]!;
    expect(`${feature} ${MARKS[cell.split(' ')[0]!]}`).toBe(
      `${feature} ${manifests[name]!.features[feature].level}`,
    );
  }
});

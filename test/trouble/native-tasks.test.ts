/** Tasks that misbehave on the embedded backend, in each mode: a clear end for them, none for anybody else. */
import { native } from '@anant/backend-native';
import { type Client, connect, type MapOptions } from '@anant/core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { noPython, sayNotInjected } from '../support/not-injected.js';
import {
  type CodeKind,
  expectAlive,
  kernelTrouble,
  PYTHON_FOLDER,
  TROUBLE,
  TROUBLES,
  type Trouble,
} from './task-trouble.js';

const MEBIBYTE = 2 ** 20;
const { ANANT_PYTHON } = process.env;

/** On the loop of this very process nothing can be limited or stopped: `docs/native.md`. */
const OF_ITS_OWN: readonly Trouble[] = [
  'that exits its process',
  'that loops for ever',
  'that takes all memory',
];

interface Mode {
  readonly title: string;
  readonly kind: CodeKind;
  readonly options: MapOptions;
  readonly troubles: readonly Trouble[];
}

const MODES: readonly Mode[] = [
  {
    title: 'async',
    kind: 'typescript',
    options: { mode: 'async' },
    troubles: TROUBLES.filter((trouble) => !OF_ITS_OWN.includes(trouble)),
  },
  { title: 'thread', kind: 'typescript', options: { mode: 'thread' }, troubles: TROUBLES },
  { title: 'process', kind: 'typescript', options: { mode: 'process' }, troubles: TROUBLES },
  {
    title: 'python',
    kind: 'python',
    options: {},
    troubles: TROUBLES.filter((trouble) => trouble !== 'that returns 1 GiB'),
  },
  {
    title: 'python with room',
    kind: 'python',
    options: { backend: 'roomy' },
    troubles: ['that returns 1 GiB'],
  },
];

let client: Client;
beforeAll(() => {
  client = connect({
    backends: {
      native: native({
        slots: 2,
        payloadBytesMax: 64 * MEBIBYTE,
        thread: { memoryBytesMax: 256 * MEBIBYTE },
        process: { memoryBytesMax: 256 * MEBIBYTE },
        python: { path: [PYTHON_FOLDER], memoryBytesMax: 512 * MEBIBYTE },
      }),
      // 1 GiB does not fit into the interpreters above at all.
      roomy: native(
        { slots: 2, python: { path: [PYTHON_FOLDER], memoryBytesMax: 2048 * MEBIBYTE } },
        'roomy',
      ),
    },
    defaults: { backend: 'native' },
  });
});
afterAll(() => client.close({ graceMs: 0 }));

describe.each(MODES)('native, $title: a task', ({ kind, options, troubles }) => {
  const isSkipped = kind === 'python' && !ANANT_PYTHON;
  const reason = isSkipped ? ' (skipped: ANANT_PYTHON names no interpreter)' : '';
  if (isSkipped) sayNotInjected('trouble of Python tasks', noPython());
  it.skipIf(isSkipped).each(troubles)(`%s${reason}`, async (trouble) => {
    await TROUBLE[trouble](client, kind, options);
    await expectAlive(client, kind, options);
  });
});

describe('native: a kernel', () => {
  it('that loops for ever or wants too much memory ends, and nothing else does', () => kernelTrouble(client));
});

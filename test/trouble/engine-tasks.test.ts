/** Tasks that misbehave on a real engine: a clear end for them, none for anybody else. */
import type { Client } from '@anant/core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { connectEngine, describeEngines, type EngineName } from './engines.js';
import {
  type CodeKind,
  expectAlive,
  kernelTrouble,
  TROUBLE,
  TROUBLES,
  type Trouble,
} from './task-trouble.js';

/** Ray and Celery do not watch one task's memory; a Node child beside them has its own limit (their manifests). */
function troublesOf(engine: EngineName, kind: CodeKind): readonly Trouble[] {
  if (kind === 'typescript' || engine === 'dask') return TROUBLES;
  return TROUBLES.filter((trouble) => trouble !== 'that takes all memory');
}

describeEngines('a task', (engine) => {
  let client: Client;
  beforeAll(() => {
    client = connectEngine(engine);
  });
  afterAll(() => client?.close({ graceMs: 0 }));

  it('as a kernel that loops for ever or wants too much memory', () => kernelTrouble(client));

  describe.each<CodeKind>(['typescript', 'python'])('in %s', (kind) => {
    it.each(troublesOf(engine, kind))('%s', async (trouble) => {
      await TROUBLE[trouble](client, kind, {});
      await expectAlive(client, kind);
    });
  });
});

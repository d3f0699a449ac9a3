/** A driver that is done leaves nothing that keeps its process. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestCluster } from '../support/test-cluster.js';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await TestCluster.start({ workers: 1 });
});
afterAll(() => cluster.close());

it('has no timer and no connection left once the client is closed', async () => {
  const module = new URL('../support/native-tasks.mjs', import.meta.url).href;
  const { cluster: reach } = cluster.options;
  const { stdout } = await promisify(execFile)(process.execPath, [
    fileURLToPath(new URL('brief-driver.mjs', import.meta.url)),
    JSON.stringify({ cluster: reach, module }),
  ]);
  expect(JSON.parse(stdout)).toEqual({ result: 7, kept: [] });
});

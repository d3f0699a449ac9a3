import { mkdirSync, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tokenOf } from './kept-token.js';
import { clusterFolder, removeLocalCluster, writeLocalCluster } from './state-file.js';

function project(): string {
  const directory = mkdtempSync(join(tmpdir(), 'anant-token-'));
  mkdirSync(clusterFolder(directory), { recursive: true });
  return directory;
}

function brokenDown(directory: string, token: string): void {
  const head = { name: 'head', pid: 1, started: '0' };
  const address = '127.0.0.1:7700';
  writeLocalCluster(directory, {
    spec: 'local-cluster/v1',
    version: '0',
    address,
    token,
    head,
    standbys: [],
    workers: [],
  });
}

describe('the token of a cluster', () => {
  it('is another one each time when nothing is kept', () => {
    const directory = project();
    expect(tokenOf(directory)).not.toBe(tokenOf(directory));
  });

  it('stays with a journal, for this user only', () => {
    const directory = project();
    const token = tokenOf(directory, 'fsync');
    removeLocalCluster(directory);
    expect(tokenOf(directory, 'os')).toBe(token);
    expect(statSync(join(clusterFolder(directory), 'token')).mode & 0o777).toBe(0o600);
  });

  it('stays when the cluster broke down', () => {
    const directory = project();
    const token = tokenOf(directory);
    brokenDown(directory, token);
    expect(tokenOf(directory)).toBe(token);
  });

  it('is new after a cluster with certificates, which has none', () => {
    const directory = project();
    brokenDown(directory, '');
    expect(tokenOf(directory)).toMatch(/^[\w-]{43}$/);
  });
});

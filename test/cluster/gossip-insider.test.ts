/**
 * A worker with a certificate of its own and the gossip key forges words of other members, in real datagrams to every
 * running process: none is taken. Its own word is heard, and alone removes nobody.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { native } from '@anant/backend-native';
import { ClusterAdmin, type StatusResponse } from '@anant/backend-native/cluster';
import { NodeSecurity } from '@anant/backend-native/security';
import { connect } from '@anant/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SecureCluster } from '../support/secure-cluster.js';
import { double } from './cluster-tasks.js';

const HONEST = ['head', 'worker-1', 'worker-2'];
const MALLORY = 'mallory';
const FORGERIES = 7;
const WAIT_MS = 90_000;
/** Longer than suspicion of a small cluster lasts: what an accusation leads to has happened by then. */
const SUSPICION_MS = 6_000;

interface Report {
  readonly own: { readonly before: boolean; readonly accusation: boolean };
  readonly forgeries: readonly string[];
  readonly heard: readonly string[];
  readonly error?: string;
}

let cluster: SecureCluster;
let alice: string;
let admin: ClusterAdmin;
let security: NodeSecurity;
let mallory: ChildProcess;
let log = '';

beforeAll(async () => {
  cluster = await SecureCluster.start(['worker-1', 'worker-2'], { slots: 1 });
  alice = await cluster.issue('alice', 'driver');
  security = await NodeSecurity.open({ directory: alice });
  admin = new ClusterAdmin({ address: cluster.address, security });
  mallory = await startMallory();
});
afterAll(async () => {
  admin?.close();
  security?.close();
  if (mallory !== undefined && mallory.exitCode === null) {
    const gone = once(mallory, 'exit');
    mallory.kill('SIGKILL');
    await gone;
  }
  await cluster?.close();
});

async function startMallory(): Promise<ChildProcess> {
  const certificates = await cluster.issue(MALLORY, 'worker');
  const program = fileURLToPath(import.meta.resolve('@anant/backend-native/worker-main'));
  const insider = fileURLToPath(new URL('../support/gossip-insider.mjs', import.meta.url));
  const codeFolder = join(cluster.folder, 'mallory-code');
  const options = {
    head: cluster.address,
    dataHost: '127.0.0.3',
    certificates,
    codeFolder,
    native: { slots: 1 },
  };
  const child = spawn(process.execPath, ['--import', insider, program, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (log += String(chunk)));
  return child;
}

/** The cluster's state once all four are alive and in the view. */
async function formed(): Promise<StatusResponse> {
  const endMs = performance.now() + WAIT_MS;
  for (;;) {
    const now = await admin.status();
    const isWhole = now.members.every(({ gossip }) => gossip?.status === 'alive' && gossip.isInView);
    if (isWhole && now.view?.members.length === HONEST.length + 1) return now;
    if (performance.now() > endMs)
      throw new Error(`No view of all: ${JSON.stringify(now, null, 1)}\n${log}\n${cluster.output}`);
    await setTimeout(50);
  }
}

async function attack(now: StatusResponse, to: string, victim: string): Promise<Report> {
  const { gossip } = now.members.find(({ node }) => node === to)!;
  const [host, port] = gossip!.address.split(':');
  mallory.send({ attack: { to, host, port: Number(port), victim } });
  for (;;) {
    const [{ report }] = (await once(mallory, 'message')) as [{ report?: Report }];
    // The worker has things of its own to say.
    if (report === undefined) continue;
    expect(report.error).toBeUndefined();
    return report;
  }
}

/** What the members say of themselves, which only they can change. */
const words = ({ members }: StatusResponse) =>
  members
    .filter(({ node }) => node !== MALLORY)
    .map(({ node, gossip }) => [node, gossip?.address])
    .sort();

it('refuses every forgery, at every member, and hears the forger in its own name only', async () => {
  const before = await formed();
  for (const to of HONEST) {
    const victim = to === 'worker-1' ? 'worker-2' : 'worker-1';
    const report = await attack(before, to, victim);
    expect(report.forgeries).toHaveLength(FORGERIES);
    expect(report.own).toEqual({ before: true, accusation: true });
    expect(report.heard).toEqual([]);
  }
  const droppedOf = ({ view }: StatusResponse) => view?.dropped ?? 0;
  // The head counts what it dropped; workers do the same out of sight.
  expect(droppedOf(await admin.status())).toBeGreaterThanOrEqual(droppedOf(before) + FORGERIES);
  await setTimeout(SUSPICION_MS);
  const after = await formed();
  expect(words(after)).toEqual(words(before));

  const client = connect({ backends: { native: () => native(cluster.options(alice)) } });
  expect(await client.map(double, [1, 2, 3, 4])).toEqual([2, 4, 6, 8]);
  await client.close();
});

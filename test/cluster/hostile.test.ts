/** Bytes that nobody should send, to every port of a cluster: refused, dropped, and no reason to stop working. */
import { readFileSync } from 'node:fs';
import { connect as connectTo, type Socket } from 'node:net';
import { native } from '@anant/backend-native';
import { ClusterAdmin, Head } from '@anant/backend-native/cluster';
import { AnantError, connect } from '@anant/core';
import { seededRandom } from '@anant/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestCluster } from '../support/test-cluster.js';
import { double } from './cluster-tasks.js';

const CONNECTIONS = 200;
const BYTES_MAX = 4_096;
const IDLE = 1_000;
/** What a process may grow by while it is fed garbage. */
const GROWTH_BYTES_MAX = 96 * 2 ** 20;
const ZMTP_GREETING = Buffer.from('ff00000000000000017f0300', 'hex');
const HTTP2_PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

let cluster: TestCluster;
let ports: readonly number[];

beforeAll(async () => {
  cluster = await TestCluster.start({ workers: 1, native: { slots: 1 } });
  const admin = new ClusterAdmin(cluster);
  const { members } = await admin.status();
  admin.close();
  ports = members.map(({ address }) => Number(address.split(':').at(-1)));
});

afterAll(() => cluster.close());

function residentBytes(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return pages * 4096;
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTo({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Sends the bytes and waits until the other end has closed, or a moment has passed. */
async function send(port: number, bytes: Uint8Array): Promise<void> {
  const socket = await open(port);
  await new Promise<void>((resolve) => {
    socket.on('error', () => {});
    socket.once('close', () => resolve());
    socket.setTimeout(20, () => resolve());
    socket.write(bytes);
  });
  socket.destroy();
}

async function works(): Promise<void> {
  const client = connect({ backends: { native: () => native(cluster.options) } });
  try {
    expect(await client.map(double, [1, 2, 3])).toEqual([2, 4, 6]);
  } finally {
    await client.close();
  }
}

describe('a cluster among hostile connections', () => {
  it('drops garbage on every port, keeps its memory, and works on', async () => {
    await works();
    const pids = [cluster.headPid, ...cluster.workerPids];
    const before = pids.map(residentBytes);
    const random = seededRandom(7);
    for (let index = 0; index < CONNECTIONS; index += 1) {
      const bytes = new Uint8Array(1 + Math.floor(random() * BYTES_MAX));
      for (let at = 0; at < bytes.length; at += 1) bytes[at] = Math.floor(random() * 256);
      const start = [Buffer.alloc(0), ZMTP_GREETING, HTTP2_PREFACE][index % 3] as Buffer;
      await send(ports[index % ports.length] as number, Buffer.concat([start, bytes]));
    }
    await works();
    for (const [index, pid] of pids.entries()) {
      expect(residentBytes(pid) - (before[index] as number)).toBeLessThan(GROWTH_BYTES_MAX);
    }
  });

  it(`works beside ${IDLE} connections that say nothing`, async () => {
    const idle = await Promise.all(
      Array.from({ length: IDLE }, (_, index) => open(ports[index % ports.length] as number)),
    );
    try {
      for (const socket of idle) socket.on('error', () => {});
      await works();
    } finally {
      for (const socket of idle) socket.destroy();
    }
  });

  it('refuses who does not know the token, wherever it asks', async () => {
    for (const token of [undefined, 'wrong']) {
      const admin = new ClusterAdmin({ address: cluster.address, token });
      const refused = await admin.status().catch((error: unknown) => error);
      admin.close();
      expect(AnantError.is(refused, 'E_IDENTITY_REFUSED')).toBe(true);
    }
    const client = connect({
      backends: { native: () => native({ cluster: { ...cluster.options.cluster, token: 'wrong' } }) },
    });
    await expect(client.run(double, 1)).rejects.toThrow(/token/);
    await client.close();
  });

  it('does not listen beyond this machine without certificates', async () => {
    const head = new Head({ host: '0.0.0.0', port: 0, epoch: 1 });
    await expect(head.start()).rejects.toThrow(/certificates/);
    head.close('It never began.');
  });
});

/** A cluster with certificates, beyond 127.0.0.1: it works, and every listener refuses who does not belong to it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { native } from '@anant/backend-native';
import { ClusterAdmin, type Member } from '@anant/backend-native/cluster';
import { CertificateStore, NodeSecurity } from '@anant/backend-native/security';
import {
  AnantError,
  type Client,
  connect,
  defineKernelTask,
  definePythonTask,
  type StandardSchema,
} from '@anant/core';
import { FixtureSet } from '@anant/core/conformance';
import { eventually } from '@anant/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curveKeyPair } from 'zeromq';
import { knock } from '../support/knocking.js';
import { SecureCluster } from '../support/secure-cluster.js';
import { double } from './cluster-tasks.js';

const { ANANT_PYTHON } = process.env;
const ELEMENTS = 100_000;
const DAY_MS = 86_400_000;

const anything = <Value>(): StandardSchema<Value> => ({
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Value }) },
});

let cluster: SecureCluster;
let alice: string;
let elsewhere: CertificateStore;
let members: readonly Member[];

beforeAll(async () => {
  cluster = await SecureCluster.start(['worker-1', 'worker-2'], {
    slots: 1,
    python: { path: [fileURLToPath(new URL('../engines', import.meta.url))] },
  });
  alice = await cluster.issue('alice', 'driver');
  elsewhere = await CertificateStore.create(join(cluster.folder, 'other'), { cluster: 'ours' });
  ({ members } = await ask(alice));
});
afterAll(() => cluster.close());

async function ask(certificates: string) {
  const security = await NodeSecurity.open({ directory: certificates });
  const admin = new ClusterAdmin({ address: cluster.address, security });
  try {
    return await admin.status();
  } finally {
    admin.close();
    security.close();
  }
}

async function asDriver(use: (client: Client) => Promise<void>): Promise<void> {
  const client = connect({ backends: { native: () => native(cluster.options(alice)) } });
  try {
    await use(client);
  } finally {
    await client.close();
  }
}

async function works(): Promise<void> {
  await asDriver(async (client) => {
    expect(await client.map(double, [1, 2, 3, 4])).toEqual([2, 4, 6, 8]);
  });
}

/** Whether TLS with these options gets as far as an answer of the HTTP/2 server. */
function isAnswered(options: object): Promise<boolean> {
  const [host, port] = cluster.address.split(':') as [string, string];
  return new Promise((resolve) => {
    const socket = tlsConnect({
      host,
      port: Number(port),
      ALPNProtocols: ['h2'],
      ...options,
      rejectUnauthorized: false,
    });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(5_000, () => settle(false));
    socket.on('error', () => settle(false));
    socket.on('close', () => settle(false));
    socket.on('data', () => settle(true));
    socket.on('secureConnect', () => socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'));
  });
}

/** Certificate and key of a node's folder, as TLS takes them. */
function pairOf(folder: string) {
  const text = readFileSync(join(folder, 'node.pem'), 'utf8');
  return { cert: text, key: text };
}

describe('a cluster with certificates', () => {
  it('runs tasks for a driver at another address, and shows itself to it', async () => {
    await works();
    expect(members.map(({ node, state }) => [node, state])).toEqual([
      ['head', 'ready'],
      ['worker-1', 'ready'],
      ['worker-2', 'ready'],
    ]);
  });

  it('runs kernels on large inputs, which cross the encrypted data ports', async () => {
    const sum = defineKernelTask({
      module: new FixtureSet().locations.kernel,
      export: 'sum',
      parameters: [{ name: 'values', role: 'in', type: 'f64[]' }],
      returns: 'f64',
    });
    const values = Float64Array.from({ length: ELEMENTS }, (_, index) => 1 / (index + 1));
    const here = values.reduce((total, value) => total + value, 0);
    await asDriver(async (client) => {
      expect(Object.is((await client.run(sum, { values })).result, here)).toBe(true);
    });
  });

  const title = ANANT_PYTHON ? 'runs Python' : 'runs Python (skipped: ANANT_PYTHON names no interpreter)';
  it.skipIf(!ANANT_PYTHON)(title, async () => {
    const twice = definePythonTask({
      target: 'user_tasks:double',
      input: anything<number>(),
      output: anything<number>(),
    });
    await asDriver(async (client) => {
      expect(await client.run(twice, 21)).toBe(42);
    });
  });

  it('refuses a worker under the name of another, and a certificate of the wrong role', async () => {
    const mallory = await cluster.issue('mallory', 'worker');
    await expect(cluster.startWorker(mallory, 'worker-1')).rejects.toThrow(
      /"mallory" claimed to be "worker-1"/,
    );
    await expect(cluster.startWorker(alice)).rejects.toThrow(/"alice" is a driver/);
    const refused = await ask(mallory).catch((error: unknown) => error);
    expect(AnantError.is(refused, 'E_IDENTITY_REFUSED')).toBe(true);
    const client = connect({ backends: { native: () => native(cluster.options(mallory)) } });
    await expect(client.run(double, 1)).rejects.toThrow(/"mallory" is a worker/);
    await client.close();
  });

  it('answers on its control port only to a certificate of its authority that holds', async () => {
    const past = await CertificateStore.open(join(cluster.folder, 'ours'), () => Date.now() - 10 * DAY_MS);
    const expired = (await past.issue({ nodeId: 'old', role: 'driver', hosts: [], validDays: 1 })).folder;
    const foreign = await cluster.issue('alice', 'driver', elsewhere);
    expect(await isAnswered(pairOf(alice))).toBe(true);
    expect(await isAnswered({})).toBe(false);
    expect(await isAnswered(pairOf(foreign))).toBe(false);
    expect(await isAnswered(pairOf(expired))).toBe(false);
    const plain = new ClusterAdmin({ address: `127.0.0.2:${cluster.address.split(':')[1]}` });
    await expect(plain.status()).rejects.toThrow();
    plain.close();
  });

  it('is refused by a driver whose authority is another: a head of elsewhere gets no work', async () => {
    const folder = join(cluster.folder, 'mixed');
    mkdirSync(folder);
    const foreign = await cluster.issue('bob', 'driver', elsewhere);
    for (const file of ['node.pem', 'ca.crt', 'revoked'])
      writeFileSync(join(folder, file), readFileSync(join(foreign, file)));
    await expect(ask(folder)).rejects.toThrow();
  });

  it('hears nobody on a data port without a key that a certificate binds', async () => {
    const unknown = curveKeyPair();
    for (const { address, role } of members) {
      if (role !== 'worker') continue;
      for (const options of [
        {},
        {
          curvePublicKey: unknown.publicKey,
          curveSecretKey: unknown.secretKey,
          curveServerKey: unknown.publicKey,
        },
      ]) {
        expect(await knock(address, options)).toBe('refused');
      }
    }
    await works();
  });

  it('takes a rotated certificate and turns a revoked one away, while it works on', async () => {
    const carol = await cluster.issue('carol', 'driver');
    await ask(carol);
    const { identity } = await cluster.store.node('carol');
    await cluster.store.rotate('carol');
    await ask(carol);
    await cluster.store.revoke(identity.fingerprint);
    await ask(carol);
    await cluster.store.revoke((await cluster.store.node('carol')).identity.fingerprint);
    await eventually(async () => AnantError.is(await askAs(carol)));
    await works();
  });
});

/** Shows a certificate though this process knows that it is revoked. */
async function askAs(folder: string): Promise<unknown> {
  const unaware = join(cluster.folder, 'unaware');
  mkdirSync(unaware, { recursive: true });
  for (const file of ['node.pem', 'ca.crt'])
    writeFileSync(join(unaware, file), readFileSync(join(folder, file)));
  writeFileSync(join(unaware, 'revoked'), '');
  return await ask(unaware).then(
    () => 'answered',
    (error: unknown) => error,
  );
}

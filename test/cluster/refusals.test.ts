/**
 * `anant up --secure`, and everyone who does not belong: each port of each running process against each credential that
 * must not do, with what must come of it; and a cluster that works on.
 */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, realpathSync } from 'node:fs';
import { connect as tcpConnect } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { connect as tlsConnect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { native } from '@anant/backend-native';
import { ClusterAdmin } from '@anant/backend-native/cluster';
import { Keyring } from '@anant/backend-native/gossip';
import {
  CertificateStore,
  curveClientOptions,
  helloFrames,
  NodeSecurity,
  newRoutingId,
} from '@anant/backend-native/security';
import { AnantError, type Client, connect } from '@anant/core';
import { credentials, Client as RpcClient, status as rpcStatus } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curveKeyPair } from 'zeromq';
import { emptyFolder, runCli } from '../cli/run-cli.js';
import { BadCredentials, FLAWS, type Shown } from '../support/bad-credentials.js';
import { knock, scrape, tlsOf } from '../support/knocking.js';
import { listeningPorts } from '../support/listening-ports.js';
import { UdpProxy } from '../support/udp-proxy.js';
import { UdpRecorder } from '../support/udp-recorder.js';
import { double } from './cluster-tasks.js';

const CALL_MS_MAX = 30_000;
const CHANNEL = { 'grpc.enable_retries': 0, 'grpc.ssl_target_name_override': 'anant' };
const STATUS_PATH = '/anant.v1.ClusterService/Status';

let folder = '';
let bad: BadCredentials;
let ours: CertificateStore;
let own: NodeSecurity;
let address = '';
let metrics = '';
let client: Client;
/** Data ports by the node that listens there. */
const dataPorts = new Map<string, number>();
const udpPorts = new Map<string, number>();

beforeAll(async () => {
  folder = realpathSync(emptyFolder());
  const authority = join(folder, '.anant', 'certs');
  bad = await BadCredentials.make(authority, join(folder, 'bad'));
  // The machine trusts this authority; the cluster must not.
  const roots = {
    NODE_EXTRA_CA_CERTS: bad.publicAuthority,
    GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: bad.publicAuthority,
  };
  Object.assign(process.env, roots);
  const up = await runCli(
    ['up', '--secure', '--workers', '2', '--port', '0', '--metrics-port', '0', '--json'],
    folder,
  );
  for (const name of Object.keys(roots)) delete process.env[name];
  expect(up.exitCode, up.stderr).toBe(0);
  ({ address } = JSON.parse(up.stdout));
  metrics =
    /https:\S+\/metrics/.exec(readFileSync(join(folder, '.anant/cluster/head.log'), 'utf8'))?.[0] ?? '';
  ours = await CertificateStore.open(authority);
  own = await NodeSecurity.open({ directory: join(authority, 'nodes', 'driver') });
  await openDriver();
  for (const { node, role, address: at, gossip } of await formed()) {
    if (role === 'worker') dataPorts.set(node, Number(at.split(':').at(-1)));
    if (gossip) udpPorts.set(node, Number(gossip.address.split(':').at(-1)));
  }
});
afterAll(async () => {
  await client?.close();
  own?.close();
  if (folder !== '') await runCli(['down'], folder);
});

/** The members, once gossip has all of them in its view. */
async function formed(count = 3) {
  for (;;) {
    const { members, view } = await status();
    if (view?.members.length === count && members.length === count) return members;
    await setImmediate();
  }
}

/** A driver in this process, whose data port is among those that are tried. */
async function openDriver(): Promise<void> {
  const before = listeningPorts(process.pid);
  const certificates = join(folder, '.anant', 'certs', 'nodes', 'driver');
  client = connect({ backends: { native: () => native({ cluster: { address, certificates } }) } });
  expect(await client.map(double, [1, 2])).toEqual([2, 4]);
  const [port, ...others] = listeningPorts(process.pid).filter((each) => !before.includes(each));
  expect(others).toEqual([]);
  dataPorts.set('driver', port as number);
}

async function status(security: NodeSecurity = own) {
  const admin = new ClusterAdmin({ address, security });
  try {
    return await admin.status();
  } finally {
    admin.close();
  }
}

/** @returns the code of a gRPC call, or `answered`. */
function call(port: string, channel: ReturnType<typeof credentials.createInsecure>): Promise<string> {
  const rpc = new RpcClient(port, channel, CHANNEL);
  return new Promise((resolve) => {
    rpc.makeUnaryRequest(
      STATUS_PATH,
      () => Buffer.alloc(0),
      () => undefined,
      {},
      { deadline: Date.now() + CALL_MS_MAX },
      (error) => {
        rpc.close();
        resolve(error ? (rpcStatus[error.code] ?? '') : 'answered');
      },
    );
  });
}

const asTls = (shown: Shown | undefined) => {
  const pair = shown && [Buffer.from(shown.own.privateKey), Buffer.from(shown.own.certificate)];
  return credentials.createSsl(Buffer.from(own.trust.pem), pair?.[0] ?? null, pair?.[1] ?? null, {
    checkServerIdentity: () => undefined,
  });
};

const identityOf = async (node: string) => (await ours.node(node)).identity;

async function works(): Promise<void> {
  expect(await client.map(double, [1, 2, 3, 4])).toEqual([2, 4, 6, 8]);
  expect((await formed()).map(({ state }) => state)).toEqual(['ready', 'ready', 'ready']);
}

describe('the control port', () => {
  it('answers a driver of the cluster', async () => {
    expect(await call(address, asTls(own))).toBe('answered');
  });

  it('does not answer in plain, nor without a certificate', async () => {
    expect(await call(address, credentials.createInsecure())).toBe('UNAVAILABLE');
    expect(await call(address, asTls(undefined))).toBe('UNAVAILABLE');
  });

  it.each(FLAWS)('refuses a certificate that is %s', async (flaw) => {
    const inHandshake = flaw !== 'revoked';
    expect(await call(address, asTls(bad.of(flaw)))).toBe(inHandshake ? 'UNAVAILABLE' : 'UNAUTHENTICATED');
  });

  it.each(['worker', 'monitor'] as const)('refuses a %s what is for others', async (role) => {
    const { folder: directory } = await ours.issue({ nodeId: `some-${role}`, role, hosts: [] });
    const security = await NodeSecurity.open({ directory });
    expect(await call(address, asTls(security))).toBe('PERMISSION_DENIED');
    security.close();
  });

  it('refuses a worker that goes by the name of another', async () => {
    const { folder: certificates } = await ours.issue({
      nodeId: 'mallory',
      role: 'worker',
      hosts: ['127.0.0.1'],
    });
    const arguments_ = ['node', '--join', address, '--certificates', certificates, '--name', 'worker-1'];
    const { exitCode, stderr } = await runCli(arguments_, folder);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('"mallory" claimed to be "worker-1"');
  });

  it('is not believed at a host that its certificate does not name', async () => {
    // The head listens at 127.0.0.1; this is the way to it from another address.
    const { createServer } = await import('node:net');
    const [host, port] = address.split(':') as [string, string];
    const proxy = createServer((socket) => {
      const onward = tcpConnect(Number(port), host);
      for (const end of [socket, onward]) end.on('error', () => {});
      socket.pipe(onward).pipe(socket);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.9', resolve));
    const elsewhere = `127.0.0.9:${(proxy.address() as { port: number }).port}`;
    const admin = new ClusterAdmin({ address: elsewhere, security: own });
    const refused = await admin.status().catch((error: unknown) => error);
    admin.close();
    proxy.close();
    expect(AnantError.is(refused)).toBe(true);
  });
});

describe('the metrics port', () => {
  it('answers a driver of the cluster', async () => {
    expect(await scrape(metrics, own)).toBe(200);
  });

  it('does not answer in plain, nor without a certificate', async () => {
    expect(await scrape(metrics.replace('https:', 'http:'), undefined)).toBe('none');
    expect(await scrape(metrics, undefined)).toBe('none');
  });

  it.each(FLAWS)('refuses a certificate that is %s', async (flaw) => {
    expect(await scrape(metrics, bad.of(flaw))).toBe(flaw === 'revoked' ? 403 : 'none');
  });

  it('refuses a worker', async () => {
    const security = await NodeSecurity.open({ directory: join(folder, '.anant/certs/nodes/worker-1') });
    expect(await scrape(metrics, security)).toBe(403);
    security.close();
  });
});

describe.each(['worker-1', 'worker-2', 'driver'])('the data port of %s', (node) => {
  const port = () => dataPorts.get(node) as number;

  it('lets in whom it works with, and nobody under the name of another', async () => {
    const peer = node === 'driver' ? 'worker-1' : 'driver';
    const security = await NodeSecurity.open({ directory: join(folder, `.anant/certs/nodes/${peer}`) });
    const server = await identityOf(node);
    const claimed = { own: security.own, identity: await identityOf('worker-2') };
    const routingId = newRoutingId();
    const options = { ...curveClientOptions(security, server), routingId };
    const result = await knock(`tcp://127.0.0.1:${port()}`, options, async (dealer) => {
      // A key of this cluster, and the name of another: not heard, which the following tests show by working.
      await dealer.send(helloFrames(claimed, server, routingId));
      await dealer.send(['nonsense']);
    });
    security.close();
    expect(result).toBe('in');
  });

  it('refuses plain peers and unknown keys', async () => {
    const server = await identityOf(node);
    const { publicKey, secretKey } = curveKeyPair();
    const unknown = {
      ...curveClientOptions(own, server),
      curvePublicKey: publicKey,
      curveSecretKey: secretKey,
    };
    expect(await knock(`tcp://127.0.0.1:${port()}`, {})).toBe('refused');
    expect(await knock(`tcp://127.0.0.1:${port()}`, unknown)).toBe('refused');
  });

  it(`refuses the key of a certificate that is ${FLAWS.join(', ')}`, async () => {
    const server = await identityOf(node);
    // Side by side: a refused peer is not told, and goes at the limit of the handshake.
    const verdicts = FLAWS.map((flaw) =>
      knock(`tcp://127.0.0.1:${port()}`, curveClientOptions(bad.of(flaw), server)),
    );
    expect(await Promise.all(verdicts)).toEqual(FLAWS.map(() => 'refused'));
  });
});

describe('the gossip ports', () => {
  it('drop noise, and what is sealed with another key, whoever it says it is from', async () => {
    expect([...udpPorts.keys()].sort()).toEqual(['head', 'worker-1', 'worker-2']);
    const socket = createSocket('udp4');
    const strange = new Keyring([Buffer.from(Keyring.newKey())]);
    const datagrams = [
      Buffer.alloc(0),
      Buffer.from('noise'),
      Buffer.alloc(1_400, 7),
      strange.seal(Buffer.from('x')),
    ];
    const before = (await status()).view;
    for (const port of udpPorts.values())
      for (const datagram of datagrams)
        await new Promise<void>((resolve) => socket.send(datagram, port, '127.0.0.1', () => resolve()));
    // The head counts what it drops; workers do the same out of sight.
    let after = before;
    while ((after?.dropped ?? 0) < (before?.dropped ?? 0) + datagrams.length) after = (await status()).view;
    socket.close();
    expect(after?.epoch).toBe(before?.epoch);
  });
});

describe('what members said', () => {
  it('removes nobody when it is said again, to them or to others, or was changed on the way', async () => {
    const port = await UdpProxy.freePort();
    const recorder = await UdpRecorder.open(port);
    const { folder: certificates } = await ours.issue({
      nodeId: 'heard',
      role: 'worker',
      hosts: ['127.0.0.1'],
    });
    const gossip = { port, advertise: recorder.address };
    const program = fileURLToPath(import.meta.resolve('@anant/backend-native/worker-main'));
    const codeFolder = join(folder, 'code');
    const worker = spawn(
      process.execPath,
      [program, JSON.stringify({ head: address, certificates, gossip, codeFolder, native: { slots: 1 } })],
      { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
    );
    try {
      await formed(4);
      while (recorder.kept.length < 20) await setImmediate();
      const before = await status();
      const said = recorder.kept.slice(0, 20);
      const changed = said.map((datagram, index) => {
        const copy = Buffer.from(datagram);
        copy[index % copy.length] = (copy[index % copy.length] as number) ^ 1;
        return copy;
      });
      const head = udpPorts.get('head') as number;
      for (const datagram of [...said, ...changed]) {
        await recorder.send(datagram);
        await recorder.send(datagram, head);
      }
      let after = await status();
      const droppedOf = ({ view }: typeof after) => view?.dropped ?? 0;
      // What is damaged is dropped by the head, and so is what was meant for another.
      while (droppedOf(after) < droppedOf(before) + changed.length) after = await status();
      const names = (await formed(4)).map(({ node }) => node);
      expect(names.sort()).toEqual(['head', 'heard', 'worker-1', 'worker-2']);
      expect(await client.map(double, [7])).toEqual([14]);
    } finally {
      const gone = once(worker, 'exit');
      worker.kill('SIGTERM');
      await gone;
      recorder.close();
    }
    await formed();
  });
});

/** Serial number of the certificate that is shown at an address. */
function serialAt(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tlsConnect({ host, port, ...tlsOf(own), ALPNProtocols: ['h2', 'http/1.1'] }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

describe('new certificates', () => {
  it('are taken at once on SIGHUP, on every TLS port, while all tasks end well', async () => {
    const [host, port] = address.split(':') as [string, string];
    const ports = [Number(port), Number(new URL(metrics).port)];
    const before = await Promise.all(ports.map((each) => serialAt(host, each)));
    let isOver = false;
    let done = 0;
    const working = (async () => {
      while (!isOver) {
        expect(await client.map(double, [1, 2, 3])).toEqual([2, 4, 6]);
        done += 3;
      }
    })();
    const pids = (await status()).members.map(({ pid }) => pid);
    for (const node of ['head', 'worker-1', 'worker-2', 'driver']) await ours.rotate(node);
    for (const pid of pids) process.kill(pid, 'SIGHUP');
    for (const [index, each] of ports.entries())
      while ((await serialAt(host, each)) === before[index]) await setImmediate();
    const doneBefore = done;
    while (done < doneBefore + 30) await setImmediate();
    isOver = true;
    await working;
    // Whoever comes now shows and meets the new ones.
    await own.reload();
    expect((await status()).members.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready']);
    const certificates = join(folder, '.anant', 'certs', 'nodes', 'driver');
    const next = connect({ backends: { native: () => native({ cluster: { address, certificates } }) } });
    expect(await next.map(double, [5, 6])).toEqual([10, 12]);
    await next.close();
  });
});

describe('after all that', () => {
  it('the cluster works, and nobody was removed from it', works);
});

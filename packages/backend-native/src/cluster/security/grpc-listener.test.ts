/** Who gets in at a gRPC listener and who does not, and whom a client talks to: mutual TLS over real sockets. */
import { EventEmitter, once } from 'node:events';
import { copyFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import {
  ChannelCredentials,
  Client,
  type ClientOptions,
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceError,
  type StatusObject,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CertificateStore } from './certificate-store.js';
import { channelCredentials, serverCredentials } from './grpc-credentials.js';
import { identityGuard, identityOfCall, requireClaim } from './grpc-guard.js';
import {
  CONTROL_MESSAGE_BYTES_MAX,
  GRPC_CHANNEL_OPTIONS,
  GRPC_SERVER_OPTIONS,
  HANDSHAKE_MS_MAX,
} from './limits.js';
import { NodeSecurity } from './node-security.js';
import { TestCluster, within } from './testing/test-cluster.js';

/** Stands for the roots a machine trusts by default; grpc-js reads the name of the file when it is loaded. */
const DEFAULT_ROOTS = vi.hoisted(() => {
  const file = `${process.env.TMPDIR ?? '/tmp'}/anant-roots-${process.pid}.crt`;
  process.env.GRPC_DEFAULT_SSL_ROOTS_FILE_PATH = file;
  return file;
});
const DAY_MS = 86_400_000;
const CALL_MS = 60_000;
const PATH = '/anant.test/Echo';
const STREAM_PATH = '/anant.test/Hold';

let cluster: TestCluster;
let head: NodeSecurity;
let worker: NodeSecurity;
let driver: NodeSecurity;
let elsewhere: NodeSecurity;

beforeAll(async () => {
  cluster = await TestCluster.create();
  await copyFile(join(cluster.directory, 'other', 'ca.crt'), DEFAULT_ROOTS);
  head = await cluster.open('head-1', 'head');
  worker = await cluster.open('worker-1', 'worker');
  driver = await cluster.open('driver-1', 'driver');
  elsewhere = await cluster.open('worker-1', 'worker', cluster.other);
});

afterAll(async () => {
  await rm(DEFAULT_ROOTS, { force: true });
  await cluster.close();
});

const bytes = (value: Buffer): Buffer => value;
const METHOD = {
  requestStream: false,
  responseStream: false,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
} as const;

interface Listener {
  readonly port: number;
  readonly handled: () => number;
  readonly close: () => void;
}

async function listen(security: NodeSecurity, credentials = serverCredentials(security)): Promise<Listener> {
  let handled = 0;
  const guard = identityGuard(security, {
    rolesOf: (path) => (path === PATH ? ['worker'] : ['worker', 'driver']),
  });
  const server = new Server({ ...GRPC_SERVER_OPTIONS, interceptors: [guard] });
  server.addService(
    {
      Echo: { ...METHOD, path: PATH },
      Hold: { ...METHOD, path: STREAM_PATH, requestStream: true, responseStream: true },
    },
    {
      Echo: (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => {
        handled += 1;
        const identity = identityOfCall(security, call);
        try {
          requireClaim(identity, call.request.toString());
          reply(null, Buffer.from(identity.nodeId));
        } catch (error) {
          reply({ code: status.PERMISSION_DENIED, details: (error as Error).message });
        }
      },
      Hold: (call: { write(data: Buffer): void }) => {
        handled += 1;
        call.write(Buffer.from('open'));
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
  );
  return { port, handled: () => handled, close: () => server.forceShutdown() };
}

/** The node id that the server saw, or the status that ended the call. */
async function echo(
  port: number,
  credentials: ChannelCredentials,
  claim = 'worker-1',
  options: ClientOptions = GRPC_CHANNEL_OPTIONS,
  metadata = new Metadata(),
): Promise<string> {
  const client = new Client(`127.0.0.1:${port}`, credentials, options);
  try {
    return await new Promise<string>((resolve) => {
      const answered = (error: ServiceError | null, answer?: Buffer) =>
        resolve(error ? status[error.code]! : answer!.toString());
      const deadline = Date.now() + CALL_MS;
      client.makeUnaryRequest(PATH, bytes, bytes, Buffer.from(claim), metadata, { deadline }, answered);
    });
  } finally {
    client.close();
  }
}

const tls = (security: NodeSecurity, own: 'certificate' | 'none') => {
  const [ca, key, cert] = [head.trust.pem, security.own.privateKey, security.own.certificate].map((pem) =>
    Buffer.from(pem),
  );
  // These clients check nothing, so that a refusal is the server's.
  const verify = { checkServerIdentity: () => undefined };
  return own === 'none'
    ? ChannelCredentials.createSsl(ca, null, null, verify)
    : ChannelCredentials.createSsl(ca, key, cert, verify);
};

describe('a gRPC listener', () => {
  let listener: Listener;
  beforeAll(async () => {
    listener = await listen(head);
  });
  afterAll(() => listener.close());

  it('serves a node of the cluster under the id of its certificate', async () => {
    expect(await echo(listener.port, channelCredentials(worker, { nodeId: 'head-1' }))).toBe('worker-1');
    expect(await echo(listener.port, channelCredentials(worker, { role: 'head', host: '127.0.0.1' }))).toBe(
      'worker-1',
    );
  });

  it('refuses plain text, no certificate, another authority and expired certificates before a handler runs', async () => {
    const before = listener.handled();
    const early = await CertificateStore.open(
      join(cluster.directory, 'ours'),
      () => Date.now() - 30 * DAY_MS,
    );
    const { folder } = await early.issue({ nodeId: 'worker-old', role: 'worker', hosts: [], validDays: 1 });
    await expect(NodeSecurity.open({ directory: folder })).rejects.toThrow(/expired/);
    const clock = { nowMs: () => 0, wallMs: () => Date.now() - 30 * DAY_MS, schedule: () => () => {} };
    const expired = await NodeSecurity.open({ directory: folder, clock });
    const refused = {
      'plain text': ChannelCredentials.createInsecure(),
      'no certificate': tls(worker, 'none'),
      'another authority': tls(elsewhere, 'certificate'),
      expired: tls(expired, 'certificate'),
    };
    for (const [name, credentials] of Object.entries(refused))
      expect(await echo(listener.port, credentials), name).toBe('UNAVAILABLE');
    expect(listener.handled()).toBe(before);
  });

  it('refuses a role that may not, and a node that claims another id', async () => {
    const asDriver = channelCredentials(driver, { nodeId: 'head-1' });
    expect(await echo(listener.port, asDriver, 'driver-1')).toBe('PERMISSION_DENIED');
    const asWorker = channelCredentials(worker, { nodeId: 'head-1' });
    expect(await echo(listener.port, asWorker, 'worker-2')).toBe('PERMISSION_DENIED');
  });

  it('closes a silent connection at the handshake limit', async () => {
    const socket = connect(listener.port, '127.0.0.1');
    const startMs = performance.now();
    socket.on('error', () => {});
    await within(once(socket, 'close'), CALL_MS * 2);
    expect(performance.now() - startMs).toBeGreaterThan(HANDSHAKE_MS_MAX / 2);
  });

  it('refuses a message beyond its bound before it is handled, and serves on beside idle connections', async () => {
    const before = listener.handled();
    const large = 'x'.repeat(CONTROL_MESSAGE_BYTES_MAX + 1);
    const unbounded = { ...GRPC_CHANNEL_OPTIONS, 'grpc.max_send_message_length': -1 };
    const credentials = channelCredentials(worker, { nodeId: 'head-1' });
    expect(await echo(listener.port, credentials, large, unbounded)).toBe('RESOURCE_EXHAUSTED');
    expect(listener.handled()).toBe(before);
    const idle = Array.from({ length: 200 }, () => connect(listener.port, '127.0.0.1').on('error', () => {}));
    expect(await echo(listener.port, credentials)).toBe('worker-1');
    await within(Promise.all(idle.map((socket) => once(socket, 'close'))), CALL_MS * 3);
  });

  it('ends the open calls of a certificate that is revoked, and takes no new ones', async () => {
    const doomed = await cluster.open('worker-doomed', 'worker');
    const credentials = channelCredentials(doomed, { nodeId: 'head-1' });
    const client = new Client(`127.0.0.1:${listener.port}`, credentials, GRPC_CHANNEL_OPTIONS);
    const call = client.makeBidiStreamRequest(STREAM_PATH, bytes, bytes);
    const ended = new Promise<StatusObject>((resolve) => call.on('status', resolve));
    call.on('error', () => {});
    await within(once(call, 'data'), CALL_MS);
    await cluster.store.revoke(doomed.identity.fingerprint);
    expect(await head.reload()).toBe('changed');
    const outcome = await within(ended, CALL_MS);
    expect(outcome).toMatchObject({
      code: status.UNAUTHENTICATED,
      details: expect.stringMatching(/revoked/),
    });
    client.close();
    expect(await echo(listener.port, credentials, 'worker-doomed')).toBe('UNAUTHENTICATED');
    expect(await echo(listener.port, channelCredentials(worker, { nodeId: 'head-1' }))).toBe('worker-1');
  });
});

describe('a gRPC client', () => {
  it('refuses a server with another id, another role, another authority or a name it is not reached by', async () => {
    const listener = await listen(worker);
    const impostor = await listen(elsewhere);
    const { folder } = await cluster.store.issue({
      nodeId: 'head-far',
      role: 'head',
      hosts: ['far.example'],
    });
    const far = await NodeSecurity.open({ directory: folder });
    const named = await listen(far);
    const attempts = [
      echo(listener.port, channelCredentials(driver, { nodeId: 'head-1' })),
      echo(listener.port, channelCredentials(driver, { role: 'head', host: '127.0.0.1' })),
      echo(impostor.port, channelCredentials(worker, { nodeId: 'worker-1' })),
      echo(named.port, channelCredentials(worker, { role: 'head', host: '127.0.0.1' })),
    ];
    expect(await Promise.all(attempts)).toEqual(Array(4).fill('UNAVAILABLE'));
    expect(await echo(named.port, channelCredentials(worker, { nodeId: 'head-far' }))).toBe('worker-1');
    for (const one of [listener, impostor, named]) one.close();
    far.close();
  });

  it('gets nowhere with a certificate of an authority that this machine trusts by default', async () => {
    // The trap exists: with no root of its own, grpc-js believes the machine's, here the other authority.
    const pair = {
      private_key: Buffer.from(head.own.privateKey),
      cert_chain: Buffer.from(head.own.certificate),
    };
    const careless = await listen(head, ServerCredentials.createSsl(null, [pair], true));
    const careful = await listen(head);
    const credentials = tls(elsewhere, 'certificate');
    expect(await echo(careless.port, credentials)).toBe('UNAUTHENTICATED');
    expect(await echo(careful.port, credentials)).toBe('UNAVAILABLE');
    for (const one of [careless, careful]) one.close();
  });
});

describe('rotation', () => {
  it('serves new connections with the new certificate, and old ones go on', async () => {
    const turning = await cluster.open('head-turning', 'head');
    const listener = await listen(turning);
    const credentials = channelCredentials(worker, { nodeId: 'head-turning' });
    expect(await echo(listener.port, credentials)).toBe('worker-1');
    const old = turning.identity.fingerprint;
    await cluster.store.rotate('head-turning');
    expect(await turning.reload()).toBe('changed');
    await cluster.store.revoke(old);
    await worker.reload();
    // The client refuses the old certificate now, so an answer proves the new one was shown.
    expect(await echo(listener.port, channelCredentials(worker, { nodeId: 'head-turning' }))).toBe(
      'worker-1',
    );
    listener.close();
  });

  it('fails no honest call while certificates are replaced again and again', async () => {
    const busy = await cluster.open('head-busy', 'head');
    const caller = await cluster.open('worker-busy', 'worker');
    const listener = await listen(busy);
    let isOver = false;
    const outcomes: string[] = [];
    const news = new EventEmitter();
    // A handshake that a busy machine could not end in time is made again; one that is refused is so for ever.
    const patient = new Metadata({ waitForReady: true });
    const calls = (async () => {
      while (!isOver) {
        const credentials = channelCredentials(caller, { nodeId: 'head-busy' });
        outcomes.push(await echo(listener.port, credentials, 'worker-busy', GRPC_CHANNEL_OPTIONS, patient));
        news.emit('outcome');
      }
    })();
    for (let round = 0; round < 4; round++) {
      for (const security of [busy, caller]) {
        await cluster.store.rotate(security.identity.nodeId);
        expect(await security.reload()).toBe('changed');
      }
      for (let made = 0; made < 5; made++) await once(news, 'outcome');
    }
    isOver = true;
    await calls;
    expect(new Set(outcomes)).toEqual(new Set(['worker-busy']));
    listener.close();
  });
});

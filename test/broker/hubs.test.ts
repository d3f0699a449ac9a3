/** Hubs under trouble: certificates, foreign frames, brokers that die, hubs that end or come back without memory. */

import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GrpcHub,
  GrpcTransport,
  MessageBroker,
  type Transport,
  ZeroMqHub,
  ZeroMqTransport,
} from '@anant/backend-native/broker';
import { CertificateStore, NodeSecurity } from '@anant/backend-native/security';
import { eventually } from '@anant/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dealer, Push } from 'zeromq';

const WAIT_MS = 30_000;
/** Long enough for those who may, on a loaded machine. */
const connectTimeoutMs = 2_000;
const bytes = (value: string): Uint8Array => Buffer.from(value);
const text = (payload: Uint8Array): string => Buffer.from(payload).toString();

let directory: string;
let head: NodeSecurity;
let worker: NodeSecurity;
let stranger: NodeSecurity;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'anant-hubs-'));
  const store = await CertificateStore.create(join(directory, 'ours'), { cluster: 'ours' });
  const other = await CertificateStore.create(join(directory, 'other'), { cluster: 'ours' });
  const open = async (from: CertificateStore, nodeId: string, role: 'head' | 'worker') => {
    const { folder } = await from.issue({ nodeId, role, hosts: ['127.0.0.1'] });
    return await NodeSecurity.open({ directory: folder });
  };
  head = await open(store, 'head-1', 'head');
  worker = await open(store, 'worker-1', 'worker');
  stranger = await open(other, 'worker-1', 'worker');
});
afterAll(async () => {
  for (const security of [head, worker, stranger]) security.close();
  await rm(directory, { recursive: true, force: true });
});

async function talks(transport: Transport, other: Transport): Promise<string> {
  const broker = await MessageBroker.open(transport);
  const server = await MessageBroker.open(other);
  await server.serve('echo', (payload) => payload);
  const answer = text(await broker.request('echo', bytes('hello')));
  await broker.close();
  await server.close();
  return answer;
}

describe('beyond this machine', () => {
  it('a hub needs certificates', async () => {
    for (const Hub of [ZeroMqHub, GrpcHub])
      await expect(Hub.listen({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'E_CONFIG_INVALID' });
  });

  it('ZeroMQ brokers with bound keys talk, others are not heard', async () => {
    head.admit(worker.own.certificate);
    const hub = await ZeroMqHub.listen({ security: head });
    const make = () =>
      new ZeroMqTransport({ address: hub.address, curve: { security: worker, hub: head.identity } });
    expect(await talks(make(), make())).toBe('hello');
    const sessions = hub.sessionCount;
    const refused = [
      new ZeroMqTransport({ address: hub.address, connectTimeoutMs }),
      new ZeroMqTransport({
        address: hub.address,
        curve: { security: stranger, hub: head.identity },
        connectTimeoutMs,
      }),
    ].map((transport) => MessageBroker.open(transport).catch((error) => error.code));
    expect(await Promise.all(refused)).toEqual(['E_BACKEND_UNAVAILABLE', 'E_BACKEND_UNAVAILABLE']);
    expect(hub.sessionCount).toBeLessThanOrEqual(sessions);
    hub.close();
  });

  it('gRPC brokers with certificates talk, others are refused', async () => {
    const hub = await GrpcHub.listen({ security: head });
    const tls = { security: worker, hub: { nodeId: 'head-1' } };
    const make = () => new GrpcTransport({ address: hub.address, tls });
    expect(await talks(make(), make())).toBe('hello');
    const refused = [
      new GrpcTransport({ address: hub.address, connectTimeoutMs }),
      new GrpcTransport({ address: hub.address, tls: { ...tls, security: stranger }, connectTimeoutMs }),
    ].map((transport) => MessageBroker.open(transport).catch((error) => error.code));
    expect(await Promise.all(refused)).toEqual(['E_BACKEND_UNAVAILABLE', 'E_BACKEND_UNAVAILABLE']);
    hub.close();
  });
});

describe('a ZeroMQ hub', () => {
  it('drops what it cannot read and goes on; work in the name of a stranger is not believed', async () => {
    const hub = await ZeroMqHub.listen();
    const server = await MessageBroker.open(new ZeroMqTransport({ address: hub.address }));
    const worked: string[] = [];
    await server.serve('echo', (payload) => payload);
    await server.receive('work', ({ payload }) => void worked.push(text(payload)));
    const dealer = new Dealer({ linger: 0, routingId: 'b'.repeat(32), receiveTimeout: WAIT_MS });
    dealer.connect(hub.address);
    for (const frame of [
      '',
      'x',
      Buffer.alloc(5_000, 1),
      Buffer.from([1, 255, 255]),
      Buffer.from([1, 0, 2, 91, 93]),
    ])
      await dealer.send(frame);
    await dealer.send(['many', 'frames', 'at', 'once']);
    const raw = connect(Number(new URL(hub.address).port), '127.0.0.1');
    raw.on('error', () => {});
    raw.write(Buffer.alloc(10_000, 0xff));
    // The ports of the other sockets are in the hub's greeting.
    await dealer.send(frameOf('hub', '', 'join', ''));
    const greeting = (await dealer.receive())[0]!.toString();
    const pull = Number(/\\"pull\\":(\d+)/.exec(greeting)?.[1]);
    const push = new Push({ linger: 0 });
    push.connect(`tcp://127.0.0.1:${pull}`);
    await push.send(frameOf('one', 'work/work', 'work', 'forged'));
    const asker = await MessageBroker.open(new ZeroMqTransport({ address: hub.address }));
    expect(text(await asker.request('echo', bytes('still here')))).toBe('still here');
    await asker.send('work', bytes('honest'));
    await eventually(() => worked.includes('honest'), WAIT_MS);
    expect(worked).toEqual(['honest']);
    for (const socket of [dealer, push]) socket.close();
    raw.destroy();
    await asker.close();
    await server.close();
    hub.close();
  });

  it('that came back without memory ends its brokers instead of leaving them deaf', async () => {
    const first = await ZeroMqHub.listen();
    const port = Number(new URL(first.address).port);
    const broker = await MessageBroker.open(new ZeroMqTransport({ address: first.address }));
    const server = await MessageBroker.open(new ZeroMqTransport({ address: first.address }));
    await server.serveStream('endless', async function* () {
      for (;;) yield bytes('more');
    });
    const items = broker.stream('endless', bytes(''));
    await items.next();
    first.close();
    let second: ZeroMqHub | undefined;
    await eventually(async () => {
      second = await ZeroMqHub.listen({ port });
      return true;
    }, WAIT_MS);
    const ended = (async () => {
      for await (const _ of items);
    })();
    await expect(ended).rejects.toMatchObject({ code: 'E_LOST', retryable: true });
    await expect(broker.publish('x', bytes('x'))).rejects.toMatchObject({ code: 'E_BACKEND_CLOSED' });
    await broker.close();
    await server.close();
    second!.close();
  }, 120_000);
});

it('a gRPC hub that ends ends its brokers; one broker that ends is nobody at once', async () => {
  const hub = await GrpcHub.listen();
  const make = () => MessageBroker.open(new GrpcTransport({ address: hub.address }));
  const [asker, server] = [await make(), await make()];
  await server.serve('echo', (payload) => payload);
  await server.close();
  await eventually(() => hub.sessionCount === 1, WAIT_MS);
  await expect(asker.request('echo', bytes('x'))).rejects.toMatchObject({ code: 'E_BACKEND_UNAVAILABLE' });
  const waiting = await make();
  await waiting.serve('never', () => new Promise(() => {}));
  const asked = asker.request('never', bytes('x')).catch((error) => error.code);
  hub.close();
  expect(await asked).toBe('E_LOST');
});

/** A frame from an endpoint that no hub knows. */
function frameOf(to: string, name: string, kind: string, payload: string): Buffer {
  const head = Buffer.from(JSON.stringify([to, name, 'a'.repeat(32), kind, '', 0, '']));
  return Buffer.concat([Buffer.from([1, head.length >> 8, head.length & 255]), head, Buffer.from(payload)]);
}

/** The control port against connections that begin wrong, slowly or never, beside honest calls. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { VirtualClock } from '@anant/core/testing';
import { Client, credentials, Server, ServerCredentials } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { afterEach, describe, expect, it } from 'vitest';
import { ConnectionGate } from './connection-gate.js';
import { GatedListener } from './gated-listener.js';
import { judgeHttp2, judgeTls } from './greeting.js';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const EMPTY_SETTINGS = Buffer.from('000000040000000000', 'hex');
const DEADLINE_MS = 30_000;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function listen(gate: ConnectionGate): Promise<number> {
  const server = new Server();
  new HealthImplementation({ '': 'SERVING' }).addToServer(server);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = new GatedListener({
    gate,
    judge: judgeHttp2,
    take: (socket) => injector.injectConnection(socket),
  });
  closers.push(() => {
    injector.destroy();
    server.forceShutdown();
    listener.close();
  });
  return await listener.listen({ host: '127.0.0.1', port: 0 });
}

async function ask(port: number): Promise<number> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  try {
    return await new Promise<number>((resolve, reject) => {
      client.makeUnaryRequest(
        '/grpc.health.v1.Health/Check',
        () => Buffer.alloc(0),
        (bytes: Buffer) => bytes.at(-1) ?? 0,
        {},
        { deadline: Date.now() + DEADLINE_MS },
        (error, value) => (error === null ? resolve(value ?? 0) : reject(error)),
      );
    });
  } finally {
    client.close();
  }
}

const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  socket.resume();
  await once(socket, 'connect');
  return socket;
}

const bounds = { connectionsMax: 100, strangersMax: 50, strangerMsMax: DEADLINE_MS };

describe('the listener of the control port', () => {
  it('serves an honest client, whole or byte by byte', async () => {
    const port = await listen(new ConnectionGate(bounds));
    expect(await ask(port)).toBe(1);
    const socket = await open(port);
    socket.setNoDelay(true);
    for (const byte of Buffer.concat([PREFACE, EMPTY_SETTINGS])) {
      socket.write(Buffer.from([byte]));
      await setImmediate();
    }
    // The server's own SETTINGS come back.
    await once(socket, 'data');
    socket.destroy();
  });

  it('closes what begins wrong before it becomes a session', async () => {
    const gate = new ConnectionGate(bounds);
    const port = await listen(gate);
    const wrong = [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from([22, 3, 1, 0, 100]),
      Buffer.concat([PREFACE, Buffer.from('ffffff000000000001', 'hex')]),
      Buffer.concat([PREFACE, Buffer.from('ffffff040000000000', 'hex')]),
    ];
    for (const bytes of wrong) {
      const socket = await open(port);
      const closed = once(socket, 'close');
      socket.write(bytes);
      await closed;
    }
    const half = await open(port);
    half.end(PREFACE);
    await once(half, 'close');
    expect(await ask(port)).toBe(1);
  });

  it('lets go of a session that broke the protocol, however its peer went', async () => {
    const clock = new VirtualClock();
    const gate = new ConnectionGate(bounds, clock);
    const port = await listen(gate);
    const before = openSockets();
    // Node stops to read such a session, and does not see that its connection ended.
    const broken = Buffer.concat([PREFACE, EMPTY_SETTINGS, Buffer.from('ffffff000000000001', 'hex')]);
    for (let count = 0; count < 20; count += 1) {
      const socket = await open(port);
      socket.write(broken, () => socket.destroy());
      await once(socket, 'close');
    }
    // Connections are accepted in order: when this one is answered, all are.
    expect(await ask(port)).toBe(1);
    await clock.advance(bounds.strangerMsMax);
    expect(gate.size).toBe(0);
    while (openSockets() > before) await setImmediate();
  });

  it('serves beside more silent connections than it keeps', async () => {
    const gate = new ConnectionGate({ ...bounds, strangersMax: 5 });
    const port = await listen(gate);
    const silent = await Promise.all(Array.from({ length: 40 }, () => open(port)));
    const ends = silent.slice(0, 30).map((socket) => socket.destroyed || once(socket, 'close'));
    expect(await ask(port)).toBe(1);
    await Promise.all(ends);
    expect(gate.size).toBeLessThanOrEqual(5);
    for (const socket of silent) socket.destroy();
  });
});

describe('a greeting', () => {
  it.each([
    [judgeHttp2, Buffer.alloc(0), 'more'],
    [judgeHttp2, PREFACE, 'more'],
    [judgeHttp2, Buffer.concat([PREFACE, EMPTY_SETTINGS]), 'fits'],
    [judgeHttp2, Buffer.concat([PREFACE, Buffer.from('000012040000000000', 'hex')]), 'fits'],
    [judgeHttp2, Buffer.concat([PREFACE, Buffer.from('000011040000000000', 'hex')]), 'wrong'],
    [judgeHttp2, Buffer.concat([PREFACE, Buffer.from('000000040000000001', 'hex')]), 'wrong'],
    [judgeHttp2, Buffer.from('PRI * HTTP/1'), 'wrong'],
    [judgeTls, Buffer.from([22]), 'more'],
    [judgeTls, Buffer.from([22, 3, 1]), 'fits'],
    [judgeTls, Buffer.from([22, 2]), 'wrong'],
    [judgeTls, PREFACE, 'wrong'],
  ] as const)('%o judges %o: %s', (judge, bytes, verdict) => {
    expect(judge(bytes)).toBe(verdict);
  });
});

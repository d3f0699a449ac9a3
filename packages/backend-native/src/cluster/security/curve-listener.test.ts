/** Who gets in at a ZeroMQ listener and who does not, and who a routing id is: CURVE over real sockets. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curveKeyPair, Dealer, Router } from 'zeromq';
import { curveClientOptions, curveServer } from './curve-sockets.js';
import { ZMQ_SOCKET_OPTIONS } from './limits.js';
import type { NodeSecurity } from './node-security.js';
import { helloFrames, newRoutingId, PeerBindings } from './peer-bindings.js';
import { TestCluster, within } from './testing/test-cluster.js';
import { z85Encode } from './z85.js';
import { ZapHandler } from './zap-handler.js';

const CALL_MS = 60_000;
/** How libzmq says that a connection came to nothing. */
const REFUSALS = [
  'handshake:error:auth',
  'handshake:error:protocol',
  'handshake:error:other',
  'disconnect',
] as const;

let cluster: TestCluster;
let head: NodeSecurity;
let worker: NodeSecurity;
let driver: NodeSecurity;
let elsewhere: NodeSecurity;

beforeAll(async () => {
  cluster = await TestCluster.create();
  head = await cluster.open('head-1', 'head');
  worker = await cluster.open('worker-1', 'worker');
  driver = await cluster.open('driver-1', 'driver');
  elsewhere = await cluster.open('worker-1', 'worker', cluster.other);
});
afterAll(() => cluster.close());

describe('a CURVE listener', () => {
  let router: Router;
  let address: string;
  let close: () => void;
  const seen: { routingId: Buffer; frames: Buffer[] }[] = [];

  beforeAll(async () => {
    head.admit(worker.own.certificate);
    const server = await curveServer(head, ({ role }) => (role === 'worker' ? 'accept' : 'refuse'));
    close = server.close;
    router = new Router({ ...server.options, mandatory: true });
    await router.bind('tcp://127.0.0.1:*');
    address = router.lastEndpoint!;
    void (async () => {
      for await (const [routingId, ...frames] of router) {
        seen.push({ routingId: routingId!, frames });
        await router.send([routingId!, 'heard']);
      }
    })();
  });
  afterAll(() => {
    router.close();
    close();
  });

  /** Whether the listener heard a message of a peer with these options, or turned it away. */
  async function isHeard(options: ConstructorParameters<typeof Dealer>[0]): Promise<boolean> {
    const dealer = new Dealer({ linger: 0, ...options });
    const refused = refusal(dealer);
    dealer.connect(address);
    try {
      const heard = dealer.send('knock').then(() => dealer.receive());
      heard.catch(() => {});
      return await within(Promise.race([heard.then(() => true), refused.then(() => false)]), CALL_MS);
    } finally {
      dealer.close();
    }
  }

  it('hears a bound key', async () => {
    expect(await isHeard(curveClientOptions(worker, head.identity))).toBe(true);
  });

  it('hears no plain peer, unknown key, key of another cluster, unbound role or wrong server key', async () => {
    const unknown = curveKeyPair();
    head.admit(driver.own.certificate);
    expect(() => head.admit(elsewhere.own.certificate)).toThrow(/not issued by this cluster/);
    const before = (await ZapHandler.shared()).refused;
    const peers = {
      plain: {},
      unknown: {
        curvePublicKey: unknown.publicKey,
        curveSecretKey: unknown.secretKey,
        curveServerKey: z85Encode(head.identity.curveKey),
      },
      'another cluster': curveClientOptions(elsewhere, head.identity),
      'role that may not': curveClientOptions(driver, head.identity),
      'wrong server key': curveClientOptions(worker, elsewhere.identity),
    };
    for (const [name, options] of Object.entries(peers)) expect(await isHeard(options), name).toBe(false);
    expect((await ZapHandler.shared()).refused).toBeGreaterThanOrEqual(before + 3);
  });

  it('hears nobody once its domain is closed, and a revoked key no more', async () => {
    const leaving = await cluster.open('worker-leaving', 'worker');
    head.admit(leaving.own.certificate);
    expect(await isHeard(curveClientOptions(leaving, head.identity))).toBe(true);
    await cluster.store.revoke(leaving.identity.fingerprint);
    await head.reload();
    expect(await isHeard(curveClientOptions(leaving, head.identity))).toBe(false);
  });

  it('disconnects a silent TCP peer at the handshake limit', async () => {
    const socket: Socket = connect(Number(new URL(address).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    await within(once(socket, 'close'), CALL_MS * 2);
  });

  it('disconnects a peer that sends a frame beyond the limit', async () => {
    const small = await curveServer(head);
    const sink = new Router({ ...small.options, maxMessageSize: 1_000 });
    await sink.bind('tcp://127.0.0.1:*');
    const dealer = new Dealer(curveClientOptions(worker, head.identity));
    const disconnected = new Promise<void>((resolve) => dealer.events.on('disconnect', () => resolve()));
    dealer.connect(sink.lastEndpoint!);
    await dealer.send(Buffer.alloc(2_000));
    await within(disconnected, CALL_MS);
    sink.receiveTimeout = 0;
    await expect(sink.receive()).rejects.toThrow();
    dealer.close();
    sink.close();
    small.close();
  });
});

describe('a routing id', () => {
  it('counts only with a proof that its owner alone can make', async () => {
    const victim = await cluster.open('worker-victim', 'worker');
    const attacker = await cluster.open('worker-attacker', 'worker');
    for (const one of [victim, attacker]) head.admit(one.own.certificate);
    const bindings = new PeerBindings(head);
    const named = Buffer.from('worker-victim');
    // Nothing follows from the name of a routing id.
    expect(bindings.identityOf(named)).toBeUndefined();
    const chosen = newRoutingId();
    const routingId = Buffer.from(chosen);
    const honest = helloFrames(victim, head.identity, chosen);
    const forged = helloFrames(attacker, head.identity, chosen);
    const attempts = {
      'own proof under another name': [forged[0]!, named, forged[2]!, forged[3]!],
      'own proof, key of another': [forged[0]!, named, honest[2]!, forged[3]!],
      'proof for another server': helloFrames(victim, attacker.identity, chosen),
      'proof for another routing id': helloFrames(victim, head.identity, newRoutingId()),
      truncated: honest.slice(0, 3),
      'short proof': [...honest.slice(0, 3), honest[3]!.subarray(1)],
    };
    for (const [name, frames] of Object.entries(attempts))
      expect(bindings.hello(routingId, frames).type, name).toBe('refused');
    expect(bindings.identityOf(routingId)).toBeUndefined();
    expect(bindings.hello(routingId, honest)).toMatchObject({
      type: 'bound',
      identity: { nodeId: 'worker-victim' },
    });
    // A bound id stays with its owner, whoever else says hello with it.
    expect(bindings.hello(routingId, forged).type).toBe('refused');
    expect(bindings.identityOf(routingId)?.nodeId).toBe('worker-victim');
    head.keys.forget('worker-victim');
    expect(bindings.identityOf(routingId)).toBeUndefined();
  });

  it('is proved over a real CURVE connection, and claiming a name is not enough', async () => {
    const { options, close } = await curveServer(head);
    const router = new Router({ ...options, receiveTimeout: CALL_MS });
    await router.bind('tcp://127.0.0.1:*');
    const bindings = new PeerBindings(head);
    head.admit(worker.own.certificate);
    const routingId = newRoutingId();
    const honest = new Dealer({ ...curveClientOptions(worker, head.identity), routingId });
    honest.connect(router.lastEndpoint!);
    const spoofed = new Dealer({ ...curveClientOptions(worker, head.identity), routingId: 'victim-node' });
    spoofed.connect(router.lastEndpoint!);
    await spoofed.send('I am the victim');
    const [claimed] = await router.receive();
    expect(claimed!.toString()).toBe('victim-node');
    expect(bindings.identityOf(claimed!)).toBeUndefined();
    await honest.send(helloFrames(worker, head.identity, routingId));
    const [from, ...frames] = await router.receive();
    expect(PeerBindings.isHello(frames)).toBe(true);
    expect(bindings.hello(from!, frames).type).toBe('bound');
    await honest.send('work');
    const [again] = await router.receive();
    expect(bindings.identityOf(again!)?.nodeId).toBe('worker-1');
    for (const socket of [honest, spoofed, router]) socket.close();
    close();
  });
});

it('an enforced domain without a handler lets nobody in', async () => {
  const { publicKey, secretKey } = curveKeyPair();
  const router = new Router({
    ...ZMQ_SOCKET_OPTIONS,
    curveServer: true,
    curveSecretKey: secretKey,
    zapDomain: 'nobody-answers-for-this',
    zapEnforceDomain: true,
    receiveTimeout: 0,
  });
  await router.bind('tcp://127.0.0.1:*');
  const client = curveKeyPair();
  const dealer = new Dealer({
    linger: 0,
    curvePublicKey: client.publicKey,
    curveSecretKey: client.secretKey,
    curveServerKey: publicKey,
  });
  const refused = refusal(dealer);
  dealer.connect(router.lastEndpoint!);
  await dealer.send('knock');
  await within(refused, CALL_MS);
  await expect(router.receive()).rejects.toThrow();
  dealer.close();
  router.close();
});

/** Settles when a connection of the socket has come to nothing. */
function refusal(dealer: Dealer): Promise<void> {
  return new Promise((resolve) => {
    for (const name of REFUSALS) dealer.events.on(name, () => resolve());
  });
}

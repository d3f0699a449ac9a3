/** Data endpoints whose keys are renewed while messages flow: none is lost or out of order, and old keys get nowhere. */
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Dealer } from 'zeromq';
import { CertificateStore } from '../security/certificate-store.js';
import { curveClientOptions } from '../security/curve-sockets.js';
import { NodeSecurity } from '../security/node-security.js';
import type { HelloOwner } from '../security/peer-bindings.js';
import { TestCluster } from '../security/testing/test-cluster.js';
import { parseDataAddress } from './data-address.js';
import { DATA_KIND } from './data-message.js';
import { DataPlane } from './data-plane.js';

const SECRET = new Uint8Array(16).fill(7);
/** Long enough for a busy machine: what comes by an old key later is dropped. */
const OVERLAP_MS = 4_000;
const ROUNDS = 2;
/** Messages each way while a key is new. */
const MESSAGES = 300;

let cluster: TestCluster;
let store: CertificateStore;
/** Certificates count seconds: each is made ten after the one before. */
let wallMs = Date.now() - 3_600_000;
const open: { close(): void }[] = [];

beforeAll(async () => {
  cluster = await TestCluster.create();
  store = await CertificateStore.open(join(cluster.directory, 'ours'), () => {
    wallMs += 10_000;
    return wallMs;
  });
});
afterAll(async () => {
  for (const each of open) each.close();
  await cluster.close();
});

/** A node of a cluster whose head passes on at once what it is shown. */
class Node {
  readonly heard: number[] = [];
  sent = 0;

  private constructor(
    readonly security: NodeSecurity,
    readonly plane: DataPlane,
    all: Node[],
  ) {
    plane.secret = SECRET;
    plane.serve({
      onMessage: ({ payload }) => void this.heard.push(Buffer.from(payload).readUInt32LE()),
      onRenewed: ({ certificate, way }) => {
        const ways = [{ address: plane.address, way }];
        for (const node of all) node.plane.learn({ certificates: [certificate], ways });
      },
    });
    all.push(this);
    const certificates = all.map((node) => node.plane.shown.certificate);
    for (const node of all) node.plane.learn({ certificates, ways: [] });
    open.push(plane, security);
  }

  static async open(nodeId: string, role: 'worker' | 'driver', all: Node[]): Promise<Node> {
    const { folder } = await store.issue({ nodeId, role, hosts: [] });
    const security = await NodeSecurity.open({ directory: folder, keyOverlapMs: OVERLAP_MS });
    return new Node(security, await DataPlane.open({ security, accepts: ['worker', 'driver'] }), all);
  }

  send({ plane }: Node): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32LE(this.sent);
    expect(this.plane.send(plane.address, SECRET, DATA_KIND.credits, payload)).toBe(true);
    this.sent += 1;
  }

  /** @returns what it showed before */
  async rotate(): Promise<HelloOwner> {
    const { own, identity } = this.security;
    const { way } = this.plane.shown;
    await store.rotate(identity.nodeId);
    expect(await this.security.reload()).toBe('changed');
    while (this.plane.shown.way === way) await setImmediate();
    return { own, identity };
  }
}

/** Both send until each has heard so many more. */
async function talk(left: Node, right: Node): Promise<void> {
  const enough = [left, right].map(({ heard }) => heard.length + MESSAGES);
  while ([left, right].some(({ heard }, index) => heard.length < (enough[index] as number))) {
    left.send(right);
    right.send(left);
    await setImmediate();
  }
}

/** Whether a handshake succeeds with this client key and server key at a socket. */
async function isIn(client: HelloOwner, server: HelloOwner, socket: string): Promise<boolean> {
  const dealer = new Dealer({ ...curveClientOptions(client, server.identity), linger: 0 });
  const verdict = new Promise<boolean>((resolve) => {
    dealer.events.on('handshake', () => resolve(true));
    for (const event of ['disconnect', 'handshake:error:auth', 'handshake:error:other'] as const)
      dealer.events.on(event, () => resolve(false));
  });
  dealer.connect(socket);
  return await verdict.finally(() => dealer.close());
}

it('keeps every message in order while both ends renew their keys, and refuses the old ones in the end', async () => {
  const all: Node[] = [];
  const worker = await Node.open('worker-1', 'worker', all);
  const driver = await Node.open('driver-1', 'driver', all);
  const first = parseDataAddress(worker.plane.address).socket;
  const oldest: HelloOwner = { own: worker.security.own, identity: worker.security.identity };
  await talk(worker, driver);
  let old: { readonly worker: HelloOwner; readonly driver: HelloOwner } | undefined;
  for (let round = 0; round < ROUNDS; round += 1) {
    const rotated = [worker.rotate(), talk(worker, driver), driver.rotate()] as const;
    const [ofWorker, , ofDriver] = await Promise.all(rotated);
    old = { worker: ofWorker, driver: ofDriver };
    await talk(worker, driver);
  }
  for (const [node, other] of [
    [worker, driver],
    [driver, worker],
  ] as const) {
    while (node.heard.length < other.sent) await setImmediate();
    expect(node.heard).toEqual(node.heard.map((_, index) => index));
    expect(node.plane.refused).toBe(0);
  }
  // A newcomer is told of the way, and learns of the newest keys alone.
  const late = await Node.open('worker-2', 'worker', all);
  const { certificate, way } = worker.plane.shown;
  late.plane.learn({ certificates: [certificate], ways: [{ address: worker.plane.address, way }] });
  late.send(worker);
  while (worker.heard.length <= driver.sent) await setImmediate();

  const { socket } = parseDataAddress(way);
  expect(await isIn(driver.security, worker.security, socket)).toBe(true);
  while (await isIn(old!.driver, worker.security, socket)) await setImmediate();
  while (await isIn(driver.security, oldest, first)) await setImmediate();
});

it('believes no way to a key of another node, and no address of another', async () => {
  const all: Node[] = [];
  const worker = await Node.open('worker-3', 'worker', all);
  const driver = await Node.open('driver-3', 'driver', all);
  const mallory = await Node.open('mallory', 'worker', all);
  const ways = [{ address: worker.plane.address, way: mallory.plane.address }];
  driver.plane.learn({ certificates: [], ways });
  driver.send(worker);
  while (worker.heard.length < 1) await setImmediate();
  expect(mallory.heard).toEqual([]);
  const claim = worker.plane.address;
  expect(() => driver.plane.requireOwner({ from: mallory.security.identity }, claim)).toThrow(
    /another endpoint/,
  );
});

/** Who is heard on the data plane of a cluster with certificates: over real sockets, with real keys. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { curveKeyPair, Dealer } from 'zeromq';
import { curveClientOptions } from '../security/curve-sockets.js';
import type { NodeSecurity } from '../security/node-security.js';
import { helloFrames, newRoutingId } from '../security/peer-bindings.js';
import { TestCluster } from '../security/testing/test-cluster.js';
import { z85Encode } from '../security/z85.js';
import { parseDataAddress } from './data-address.js';
import { DATA_KIND, packHead } from './data-message.js';
import { type DataMessage, DataPlane } from './data-plane.js';
import { ObjectExchange } from './object-exchange.js';
import { encodeMore } from './object-messages.js';

const SECRET = new Uint8Array(16).fill(7);
const NOTE = Buffer.from('note');

let cluster: TestCluster;
let worker: NodeSecurity;
let other: NodeSecurity;
let driver: NodeSecurity;
const open: { close(): void }[] = [];

beforeAll(async () => {
  cluster = await TestCluster.create();
  worker = await cluster.open('worker-1', 'worker');
  other = await cluster.open('worker-2', 'worker');
  driver = await cluster.open('driver-1', 'driver');
});
afterAll(async () => {
  for (const each of open) each.close();
  await cluster.close();
});

class Heard {
  readonly messages: DataMessage[] = [];
  readonly #waiting: (() => void)[] = [];

  readonly take = (message: DataMessage): void => {
    this.messages.push(message);
    for (const wake of this.#waiting.splice(0)) wake();
  };

  async from(nodeId: string): Promise<DataMessage> {
    for (;;) {
      const found = this.messages.find(({ from }) => from?.nodeId === nodeId);
      if (found) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

async function plane(security: NodeSecurity, onMessage: (message: DataMessage) => void): Promise<DataPlane> {
  const made = await DataPlane.open({ security, accepts: ['worker', 'driver'] });
  made.serve({ onMessage });
  made.secret = SECRET;
  open.push(made);
  return made;
}

/** What a head passes on of these. */
const shownBy = (...planes: DataPlane[]) => ({
  certificates: planes.map(({ shown }) => shown.certificate),
  ways: [],
});

/** Sends one message with these options, as nobody of the library would. */
function push(address: string, options: object, ...messages: (Buffer | Uint8Array)[][]): void {
  const dealer = new Dealer({ linger: 0, ...options });
  open.push(dealer);
  dealer.connect(parseDataAddress(address).socket);
  void (async () => {
    for (const frames of messages) await dealer.send(frames);
  })();
}

it('hears a peer as soon as its certificate arrives, in whatever order', async () => {
  const heard = new Heard();
  const receiver = await plane(worker, heard.take);
  const sender = await plane(driver, () => {});
  // Neither knows the other: the message waits for the sender to know, then its connection for the receiver to.
  sender.send(receiver.address, SECRET, DATA_KIND.credits, NOTE);
  sender.learn(shownBy(receiver));
  await new Promise((resolve) => setImmediate(resolve));
  receiver.learn({ certificates: [Buffer.from('no certificate'), sender.shown.certificate], ways: [] });
  const { from, payload } = await heard.from('driver-1');
  expect([from?.role, Buffer.from(payload).toString()]).toEqual(['driver', 'note']);
});

it('hears no plain peer, no unknown key, no key without a hello, and no hello of another', async () => {
  const heard = new Heard();
  const receiver = await plane(worker, heard.take);
  const sender = await plane(driver, () => {});
  receiver.learn({ certificates: [sender.shown.certificate, Buffer.from(other.own.certificate)], ways: [] });
  const message = [packHead(DATA_KIND.credits, SECRET, [], NOTE)];
  const unknown = curveKeyPair();
  const keys = { curvePublicKey: unknown.publicKey, curveSecretKey: unknown.secretKey };
  const routingId = newRoutingId();
  const curve = { ...curveClientOptions(other, worker.identity), routingId };
  const stolen = helloFrames(driver, worker.identity, routingId);
  const own = helloFrames(other, worker.identity, routingId);
  push(receiver.address, {}, message);
  push(receiver.address, { ...keys, curveServerKey: z85Encode(worker.identity.curveKey) }, message);
  push(receiver.address, curveClientOptions(other, worker.identity), message);
  push(receiver.address, { ...curve, routingId: newRoutingId() }, own, message);
  push(receiver.address, curve, [own[0]!, stolen[1]!, own[2]!, own[3]!], message);
  // Bound by then, the attacker's messages would have come before this one or be refused by now.
  sender.learn(shownBy(receiver));
  while (receiver.refused < 5) {
    sender.send(receiver.address, SECRET, DATA_KIND.credits, NOTE);
    await heard.from('driver-1');
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(new Set(heard.messages.map(({ from }) => from?.nodeId))).toEqual(new Set(['driver-1']));
});

it('serves nobody in the name of another endpoint', async () => {
  const heard = new Heard();
  let exchange: ObjectExchange | undefined;
  const holder = await plane(worker, (message) => {
    exchange?.receive(message);
    heard.take(message);
  });
  exchange = new ObjectExchange(
    holder,
    () => SECRET,
    () => undefined,
  );
  const victim = await plane(driver, () => {});
  const attacker = await plane(other, () => {});
  holder.learn(shownBy(victim, attacker));
  attacker.learn(shownBy(holder));
  for (const { address } of [victim, attacker]) {
    const payload = encodeMore({ request: 1, address, position: 0 });
    attacker.send(holder.address, SECRET, DATA_KIND.more, payload);
  }
  await heard.from('worker-2');
  expect(heard.messages).toHaveLength(1);
  expect(holder.refused).toBe(1);
  exchange.close();
});

it('does not listen beyond this machine without certificates', async () => {
  const refused = DataPlane.open({ host: '10.0.0.1', accepts: [] });
  await expect(refused).rejects.toThrow(/certificates are needed/);
});

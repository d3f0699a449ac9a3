/**
 * Loaded before a worker: what the worker's own gossip signs, checks and encrypts is noted, so that this process, which
 * has the shared key and a certificate of its own, can forge words of others. It does so when its parent asks, and
 * reports which forgeries were answered.
 */
import crypto from 'node:crypto';
import { createSocket } from 'node:dgram';
import { syncBuiltinESMExports } from 'node:module';

const real = { sign: crypto.sign, verify: crypto.verify, createCipheriv: crypto.createCipheriv };
const NEXT = 300;
const ANSWER_MS = 500;
const TRIES = 100;

let codec;
let secret;
let gossipKey;
/** The latest statement of each id, and what came with its frames. */
const said = new Map();
const frames = new Map();
let ownFrame;

function note(payload) {
  const [kind, cluster, id, ...rest] = codec.decodeMessage(payload);
  if (kind === 'alive') said.set(id, [kind, cluster, id, ...rest]);
  if (kind === 'frame') frames.set(id, { cluster, process: rest[1], sequence: rest[2] });
  return { kind, id };
}

crypto.sign = (algorithm, payload, key) => {
  if (codec !== undefined && algorithm === null) {
    const { kind, id } = note(payload);
    if (kind === 'frame') {
      secret = key;
      ownFrame = { ...frames.get(id), id };
    }
  }
  return real.sign(algorithm, payload, key);
};
crypto.verify = (algorithm, payload, key, signature) => {
  const isTrue = real.verify(algorithm, payload, key, signature);
  if (codec !== undefined && algorithm === null && isTrue) note(payload);
  return isTrue;
};
crypto.createCipheriv = (algorithm, key, ...rest) => {
  if (algorithm === 'aes-256-gcm' && key.length === 32) gossipKey = Buffer.from(key);
  return real.createCipheriv(algorithm, key, ...rest);
};
syncBuiltinESMExports();
codec = await import('@anant/core/codec');
const { Keyring } = await import('@anant/backend-native/gossip');

let used = 0;
const mine = (payload) => real.sign(null, payload, secret);

/** A ping to somebody, as whoever is named. */
function frame(to, { from = ownFrame.id, key, updates = [] }) {
  used += 1;
  const sender = frames.get(from);
  const { cluster } = ownFrame;
  const sequence = sender.sequence + NEXT + used;
  const body = codec.encodeMessage(['ping', used, 0, updates]);
  const signature = mine(codec.encodeMessage(['frame', cluster, from, to, sender.process, sequence, body]));
  const sealed = new Keyring([gossipKey]).seal(
    codec.encodeMessage([from, to, key ?? keyOf(from), sender.process, sequence, signature, body]),
  );
  return { sequence: used, sealed };
}

const keyOf = (id) => said.get(id)[9];

/** What somebody else is made to say, under the signature of this process. */
function forged(fields) {
  const payload = codec.encodeMessage(fields);
  return codec.encodeMessage([payload, mine(payload)]);
}

function forgeries(to, victim) {
  const own = ownFrame.id;
  const { cluster } = ownFrame;
  const [, , , incarnation, version, , boot, isVoter, metadata, key, ticket] = said.get(victim);
  const alive = (more, shown = key) =>
    forged([
      'alive',
      cluster,
      victim,
      incarnation + 1,
      version,
      more,
      boot,
      isVoter,
      metadata,
      shown,
      ticket,
    ]);
  return {
    'a frame of another': { from: victim },
    'a frame of another, with my key': { from: victim, key: keyOf(own) },
    'another moved to my address': { updates: [alive('127.0.0.1:9')] },
    'another has my key': { updates: [alive('127.0.0.1:9', keyOf(own))] },
    'another leaves': { updates: [forged(['left', cluster, victim, incarnation, boot])] },
    'another accuses': { updates: [forged(['dead', cluster, to, incarnation, victim])] },
    'another said two things': { updates: [[alive('127.0.0.1:9'), alive('127.0.0.1:8')]] },
  };
}

async function attack({ to, host, port, victim }) {
  while (ownFrame === undefined || !frames.has(victim) || !said.has(victim) || !said.has(ownFrame.id))
    await new Promise((resolve) => setTimeout(resolve, 20));
  const socket = createSocket('udp4');
  const answered = new Set();
  socket.on('message', (datagram) => {
    const plain = new Keyring([gossipKey]).open(datagram);
    if (typeof plain === 'string') return;
    const [type, sequence] = codec.decodeMessage(codec.decodeMessage(plain)[6]);
    if (type === 'ack') answered.add(sequence);
  });
  const send = (datagram) => new Promise((resolve) => socket.send(datagram, port, host, resolve));
  /** What was sent before has been heard when this is. */
  const isHeard = async (options) => {
    for (let time = 0; time < TRIES; time += 1) {
      const { sequence, sealed } = frame(to, options);
      await send(sealed);
      const endMs = performance.now() + ANSWER_MS;
      while (performance.now() < endMs) {
        if (answered.has(sequence)) return true;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    return false;
  };
  const sent = new Map();
  const own = { before: await isHeard({}) };
  for (const [name, options] of Object.entries(forgeries(to, victim))) {
    const { sequence, sealed } = frame(to, options);
    sent.set(name, sequence);
    await send(sealed);
  }
  const [, cluster, , incarnation] = said.get(victim);
  // Its own word against another: signed, so it is heard; alone it does nothing.
  own.accusation = await isHeard({
    updates: [forged(['suspect', cluster, victim, incarnation, ownFrame.id])],
  });
  const heard = [...sent].filter(([, sequence]) => answered.has(sequence)).map(([name]) => name);
  socket.close();
  return { own, forgeries: [...sent.keys()], heard };
}

process.on('message', async (message) => {
  if (message.attack === undefined) return;
  try {
    process.send({ report: await attack(message.attack) });
  } catch (error) {
    process.send({ report: { error: String(error.stack) } });
  }
});

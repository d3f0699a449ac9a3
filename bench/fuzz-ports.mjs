/**
 * Malformed and oversized frames to every port of a running cluster, then connections that say nothing.
 *
 *   node bench/fuzz-ports.mjs [--frames 100000] [--idle 1000] [--seed 1] [--plain] [--json]
 *
 * Starts a head and two workers as processes (with certificates unless --plain), finds their ports in /proc, and sends
 * each frame on a connection of its own: random bytes, valid beginnings of HTTP/2, TLS, ZMTP and HTTP with random rest,
 * and lengths far beyond the limits. Gossip gets datagrams. Memory is read after every 25,000 frames. Exits with 1 when a
 * process ended, memory grew by more than 64 MiB, silent connections were left open, or the cluster does not serve afterwards.
 */
import { createSocket } from 'node:dgram';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { connect as connectTo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { native } from '@anant/backend-native';
import { downLocalCluster, upLocalCluster } from '@anant/backend-native/cluster';
import { connect } from '@anant/core';
import { seededRandom } from '@anant/core/testing';
import { noop } from './cluster/tasks.mjs';

const { values: options } = parseArgs({
  options: {
    frames: { type: 'string', default: '100000' },
    idle: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    plain: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const FRAMES = Number(options.frames);
const IDLE = Number(options.idle);
const GROWTH_BYTES_MAX = 64 * 2 ** 20;
/** Frames between two readings of memory. */
const SLICE = 25_000;
const BYTES_MAX = 2_048;
const AT_ONCE = 64;
/** Most time a frame's connection is left open. */
const ANSWER_MS_MAX = 15;
const IDLE_MS_MAX = 30_000;
/** A new connection needs a port of this side: one address has 28,000, and ended ones rest a while. */
const SOURCES = 32;
const PAGE_BYTES = 4096;

const OPENINGS = [
  Buffer.alloc(0),
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  // A SETTINGS frame, then a frame whose length is the largest that fits.
  Buffer.from(
    '505249202a20485454502f322e300d0a0d0a534d0d0a0d0a000000040000000000ffffff00000000000001',
    'hex',
  ),
  // ZMTP 3.1 greetings: NULL and CURVE.
  Buffer.concat([Buffer.from('ff00000000000000017f0301', 'hex'), Buffer.from('NULL'), Buffer.alloc(48)]),
  Buffer.concat([Buffer.from('ff00000000000000017f0301', 'hex'), Buffer.from('CURVE'), Buffer.alloc(47)]),
  // A long frame of 2^63 - 1 bytes behind a greeting.
  Buffer.concat([
    Buffer.from('ff00000000000000017f0301', 'hex'),
    Buffer.from('NULL'),
    Buffer.alloc(48),
    Buffer.from('027fffffffffffffff', 'hex'),
  ]),
  // A TLS record that says it is a greeting.
  Buffer.from('16030140000100', 'hex'),
  Buffer.from('GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: '),
];

/** Ports that a process listens on, by protocol. */
function portsOf(pid) {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /socket:\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  const read = (protocol, state) =>
    readFileSync(`/proc/${pid}/net/${protocol}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === state && inodes.has(fields[9]))
      .map((fields) => Number.parseInt(fields[1].split(':')[1], 16));
  return [
    ...read('tcp', '0A').map((port) => ({ pid, protocol: 'tcp', port })),
    ...read('udp', '07').map((port) => ({ pid, protocol: 'udp', port })),
  ];
}

const residentBytes = (pid) => Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;

function frameOf(random, index) {
  const bytes = Buffer.alloc(1 + Math.floor(random() * BYTES_MAX));
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = Math.floor(random() * 256);
  return Buffer.concat([OPENINGS[index % OPENINGS.length], bytes]);
}

let count = 0;
function open(port) {
  count += 1;
  return connectTo({ port, host: '127.0.0.1', localAddress: `127.0.1.${1 + (count % SOURCES)}` });
}

function send(port, bytes) {
  return new Promise((resolve) => {
    const socket = open(port);
    socket.on('error', () => {});
    socket.once('close', resolve);
    socket.once('connect', () => socket.write(bytes));
    socket.resume();
    setTimeout(() => socket.destroy(), ANSWER_MS_MAX);
  });
}

async function serves(directory) {
  const client = connect({ backends: { native: () => native({ cluster: { address: 'auto' } }) } });
  const startMs = performance.now();
  const values = await client.map(noop, [1, 2, 3]);
  const elapsedMs = performance.now() - startMs;
  await client.close();
  if (values.length !== 3) throw new Error(`The cluster of ${directory} does not serve.`);
  return elapsedMs;
}

async function fuzz(ports, random, frames) {
  const udp = createSocket('udp4');
  let next = 0;
  const one = async () => {
    for (let index = next++; index < frames; index = next++) {
      const { protocol, port } = ports[index % ports.length];
      const bytes = frameOf(random, Math.floor(index / ports.length));
      if (protocol === 'tcp') await send(port, bytes);
      else await new Promise((resolve) => udp.send(bytes, port, '127.0.0.1', resolve));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  udp.close();
}

/** @returns after how long the last of them was closed by the other end, per port */
async function idle(ports, directory) {
  const tcp = ports.filter(({ protocol }) => protocol === 'tcp');
  const rows = [];
  for (const { port } of tcp) {
    const startMs = performance.now();
    let closed = 0;
    const ends = Array.from({ length: IDLE }, () => {
      const socket = open(port);
      socket.on('error', () => {});
      socket.resume();
      const over = new Promise((resolve) => {
        socket.once('close', () => {
          closed += 1;
          resolve();
        });
      });
      return { socket, over };
    });
    const roundTripMs = await serves(directory);
    const timeout = new Promise((resolve) => setTimeout(resolve, IDLE_MS_MAX).unref());
    await Promise.race([Promise.all(ends.map(({ over }) => over)), timeout]);
    rows.push({
      port,
      idle: IDLE,
      closed,
      closedAfterMs: Math.round(performance.now() - startMs),
      roundTripMs: Math.round(roundTripMs),
    });
    for (const { socket } of ends) socket.destroy();
  }
  return rows;
}

const directory = mkdtempSync(join(tmpdir(), 'anant-fuzz-'));
process.chdir(directory);
const security = options.plain ? 'token' : 'certificates';
const cluster = await upLocalCluster({
  directory,
  workers: 2,
  port: 0,
  native: { slots: 1 },
  metricsPort: 0,
  security,
});
try {
  const pids = [cluster.head, ...cluster.workers].map(({ pid }) => pid);
  await serves(directory);
  const ports = pids.flatMap(portsOf);
  const before = pids.map(residentBytes);
  const startMs = performance.now();
  const random = seededRandom(Number(options.seed));
  const curve = [];
  for (let sent = 0; sent < FRAMES; sent += SLICE) {
    await fuzz(ports, random, Math.min(SLICE, FRAMES - sent));
    curve.push({ frames: Math.min(FRAMES, sent + SLICE), residentBytes: pids.map(residentBytes) });
  }
  const fuzzMs = performance.now() - startMs;
  if (!options.json) console.log(`${FRAMES} frames sent in ${(fuzzMs / 1000).toFixed(1)} s`);
  const after = curve.at(-1).residentBytes;
  const roundTripMs = await serves(directory);
  if (!options.json) console.log(`Served after them in ${Math.round(roundTripMs)} ms`);
  const silent = await idle(ports, directory);
  const growth = pids.map((pid, index) => ({
    pid,
    beforeBytes: before[index],
    growthBytes: after[index] - before[index],
  }));
  const report = {
    security,
    frames: FRAMES,
    seed: Number(options.seed),
    fuzzMs: Math.round(fuzzMs),
    ports,
    curve,
    growth,
    roundTripMs: Math.round(roundTripMs),
    silent,
  };
  if (options.json) console.log(JSON.stringify(report));
  else {
    console.log(
      `${FRAMES} frames to ${ports.length} ports (${security}) in ${(fuzzMs / 1000).toFixed(1)} s; then served in ${report.roundTripMs} ms`,
    );
    console.table(
      curve.map(({ frames, residentBytes: bytes }) => ({
        frames,
        ...Object.fromEntries(bytes.map((value, index) => [pids[index], Math.round(value / 2 ** 20)])),
      })),
    );
    console.table(
      growth.map(({ pid, beforeBytes, growthBytes }) => ({
        pid,
        beforeMiB: Math.round(beforeBytes / 2 ** 20),
        growthMiB: Math.round(growthBytes / 2 ** 20),
      })),
    );
    console.table(silent);
  }
  const isLarger = growth.some(({ growthBytes }) => growthBytes > GROWTH_BYTES_MAX);
  if (isLarger || silent.some(({ closed }) => closed < IDLE)) process.exitCode = 1;
} finally {
  await downLocalCluster(directory);
  process.chdir('/');
  rmSync(directory, { recursive: true, force: true });
}

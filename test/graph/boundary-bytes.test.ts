/** What moves when a graph runs on partitions: on threads the parts are shared, and supersteps carry boundary values only. */
import { native } from '@anant/backend-native';
import { type Client, connect, defineActor } from '@anant/core';
import { encodedBytes, encodeValue } from '@anant/core/codec';
import { Hypergraph } from '@anant/graph';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PartProbe } from './part-probe.js';

/** Of a message without its frames: names, counts, the numbers that the coordinator sends. */
const ENVELOPE_BYTES_MAX = 4_096;
const PARTS = 3;

let client: Client;
let graph: Hypergraph;

beforeAll(() => {
  client = connect({ backends: { native: () => native() } });
  graph = Hypergraph.from(
    Array.from({ length: 20_000 }, (_, at) => [at % 900, (at * 7 + 1) % 900, (at * at + 2) % 900]),
  );
});
afterAll(async () => {
  graph[Symbol.dispose]();
  await client.close({ graceMs: 0 });
});

interface Call {
  readonly method: string;
  readonly sentBytes: number;
  readonly receivedBytes: Promise<number>;
}

/** A client that notes what actors are given, and what each call carries both ways, encoded. */
function noting(started: unknown[], calls: Call[]): Client {
  const actor = async (...args: Parameters<Client['actor']>) => {
    started.push(args[1]);
    const handle = await client.actor(...args);
    const call = (method: string, input: unknown, options: unknown) => {
      const task = (handle.call as (...given: unknown[]) => { result(): Promise<unknown> })(
        method,
        input,
        options,
      );
      const receivedBytes = task.result().then((value) => encodedBytes(encodeValue(value, 'result')));
      receivedBytes.catch(() => {});
      calls.push({ method, sentBytes: encodedBytes(encodeValue(input, 'input')), receivedBytes });
      return task;
    };
    return replacing(handle, 'call', call);
  };
  return replacing(client, 'actor', actor);
}

/** As `target`, but for one method. */
function replacing<Target extends object>(target: Target, method: string, replacement: unknown): Target {
  return new Proxy(target, {
    get(_, name) {
      if (name === method) return replacement;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

it.each(['pagerank', 'components', 'bfs', 'kCore'] as const)(
  '%s: a superstep carries the values on the boundary and next to nothing else',
  async (method) => {
    const calls: Call[] = [];
    const on = graph.on(noting([], calls), {
      partitions: PARTS,
      partitioner: 'stream',
      supersteps: { checkpointEvery: 0 },
    });
    const { summary } = await on[method]();
    const fact = (of: string) => Number(summary.find(({ name }) => name === of)?.value);
    const steps = calls.filter((call) => call.method === 'step');
    expect(steps).toHaveLength(PARTS * fact('supersteps'));
    const envelopes = steps.length * ENVELOPE_BYTES_MAX;
    const received = await Promise.all(steps.map(({ receivedBytes }) => receivedBytes));
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    const boundary = fact('boundary bytes');
    expect(sum(received)).toBeGreaterThanOrEqual(boundary);
    expect(sum(received)).toBeLessThan(boundary + envelopes);
    expect(sum(steps.map(({ sentBytes }) => sentBytes))).toBeLessThan(boundary + envelopes);
  },
);

it('threads of the embedded backend share the parts: what an actor writes is seen here', async () => {
  const started: unknown[] = [];
  await graph.on(noting(started, []), { partitions: PARTS, partitioner: 'hash' }).degrees();
  const parts = started.map((input) => (input as { source: Record<string, Uint32Array> }).source);
  expect(parts).toHaveLength(PARTS);
  for (const part of parts) {
    for (const name of [
      'vertexIds',
      'hyperedgeIds',
      'edgeOffsets',
      'edgeMembers',
      'nodeOffsets',
      'nodeMembers',
    ])
      expect(part[name]!.buffer).toBeInstanceOf(SharedArrayBuffer);
  }
  const definition = defineActor({
    module: new URL('./part-probe.ts', import.meta.url).href,
    export: 'PartProbe',
    class: PartProbe,
  });
  const part = parts[0] as unknown as { readonly edgeMembers: Uint32Array };
  const first = part.edgeMembers[0]!;
  const actor = await client.actor(definition, part);
  expect(await actor.call('write', { at: 0, value: 4_000_000_000 }).result()).toBe(first);
  expect(part.edgeMembers[0]).toBe(4_000_000_000);
  part.edgeMembers[0] = first;
  await actor.stop();
});

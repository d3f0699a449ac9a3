/** A standby that is given a second snapshot while it still writes the first: it says that it has what it really has. */
import { eventually } from '@anant/core/testing';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { newSchedulerState, snapshotRecords } from '../../protocol/scheduler/index.js';
import { ControlServer } from '../control/control-server.js';
import { encodeParts } from '../journal/entry-codec.js';
import { MemoryJournal } from '../journal/memory-journal.js';
import {
  type FollowRequest,
  type FollowResponse,
  ReplicationServiceService,
} from '../proto/anant/v1/replication.js';
import { HeadPeers } from './head-peers.js';
import { Replica } from './replica.js';
import { Standby } from './standby.js';

type Call = ServerDuplexStream<FollowRequest, FollowResponse>;

const TOKEN = 'secret';
const silent = () => {};
const logger = { debug: silent, info: silent, warn: silent, error: silent, child: () => logger };

/** Writes a snapshot when it is told to, one after the other. */
class SlowJournal extends MemoryJournal {
  readonly writing: (() => void)[] = [];
  #before: Promise<void> = Promise.resolve();

  override replace(epoch: number, index: number): Promise<void> {
    const told = new Promise<void>((resolve) => this.writing.push(resolve));
    this.#before = this.#before.then(() => told).then(() => super.replace(epoch, index));
    return this.#before;
  }
}

function snapshotOf(epoch: number, index: number): FollowResponse {
  const state = { ...newSchedulerState(), epoch };
  const parts = encodeParts(epoch, index, snapshotRecords(state)) as Buffer[];
  return { message: { $case: 'snapshot', value: { epoch, index, parts, isComplete: true } } };
}

it('confirms no entry before every snapshot it was given is written', async () => {
  const calls: Call[] = [];
  const confirmed: number[] = [];
  const leader = new ControlServer({ host: '127.0.0.1', port: 0, token: TOKEN, security: undefined });
  leader.add({
    name: 'anant.v1.ReplicationService',
    definition: ReplicationServiceService,
    handlers: {
      follow: (call: Call) => {
        calls.push(call);
        call.on('error', silent);
        call.on('data', ({ message }: FollowRequest) => {
          if (message?.$case === 'from') call.write(snapshotOf(calls.length, 7));
          if (message?.$case === 'followed') confirmed.push(message.value.index);
        });
      },
      position: silent,
      introduce: silent,
    },
    roles: ['head'],
  });
  const address = `127.0.0.1:${await leader.listen()}`;
  const journal = new SlowJournal();
  const replica = await Replica.open({ name: 'head-2', namespace: 'test', journal, scheduler: undefined });
  const broken: unknown[] = [];
  const standby = new Standby({
    replica,
    host: '127.0.0.1',
    port: 0,
    address: '127.0.0.1:1',
    token: TOKEN,
    security: undefined,
    heads: () => [{ name: 'head-1', address }],
    reason: () => '',
    forget: async () => ({ code: '', reason: '', advice: '', mayBeLost: false }),
    logger,
    onBroken: (error) => broken.push(error),
  });
  try {
    const port = await standby.start();
    await eventually(() => journal.writing.length === 1);
    calls[0]!.end();
    await eventually(() => journal.writing.length === 2);
    journal.writing[0]!();
    // What was written of the first is index 7 of another log: nothing to confirm to the second leader.
    const peers = new HeadPeers({ token: TOKEN, security: undefined });
    const self = { name: 'head-2', address: `127.0.0.1:${port}` };
    for (let round = 0; round < 3; round += 1)
      expect((await peers.ask([self], 0, 20_000)).positions.get('head-2')?.index).toBe(7);
    expect(confirmed).toEqual([]);
    journal.writing[1]!();
    await eventually(() => confirmed.length > 0);
    expect(confirmed[0]).toBe(7);
    expect(broken).toEqual([]);
  } finally {
    await standby.close();
    leader.close();
  }
});

/** The shared suite: every pattern on one transport, checked against what the guarantees say. */
import {
  bytesSource,
  fetchObject,
  type Guarantee,
  HANDLERS_MAX,
  MESSAGE_BYTES_MAX,
  MessageBroker,
  offerObject,
  SUBSCRIPTION_MESSAGES_MAX,
  type Transport,
  WINDOW_CHUNKS,
} from '@anant/backend-native/broker';
import { AnantError } from '@anant/core';
import { eventually } from '@anant/core/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

export interface Meeting {
  /** A transport to the same meeting place. */
  transport(): Transport;
  close(): Promise<void>;
}

const WAIT_MS = 60_000;
const text = (payload: Uint8Array): string => Buffer.from(payload).toString();
const bytes = (value: string): Uint8Array => Buffer.from(value);

export function brokerCells(name: string, meet: () => Promise<Meeting>): void {
  describe(name, () => {
    let meeting: Meeting;
    let subjects = 0;
    const brokers: MessageBroker[] = [];
    beforeAll(async () => {
      meeting = await meet();
    }, 60_000);
    afterEach(async () => {
      for (const broker of brokers.splice(0)) await broker.close();
    });
    afterAll(() => meeting?.close());

    const open = async (): Promise<MessageBroker> => {
      const broker = await MessageBroker.open(meeting.transport());
      brokers.push(broker);
      return broker;
    };
    /** Tests leave nothing to each other: kept work of one would reach the next. */
    const subject = (): string => `subject-${++subjects}`;

    describe('request', () => {
      it('is answered, by turns when several serve, and carries errors with their code', async () => {
        const [asker, one, two] = [await open(), await open(), await open()];
        const name = subject();
        await one.serve(name, async (payload) => bytes(`one ${text(payload)}`));
        await two.serve(name, (payload) => bytes(`two ${text(payload)}`));
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, at) => asker.request(name, bytes(`${at}`))),
        );
        expect(answers.map((answer) => text(answer).split(' ')[1])).toEqual(
          Array.from({ length: 20 }, (_, at) => `${at}`),
        );
        const failing = subject();
        await one.serve(failing, () => {
          throw new AnantError('E_INPUT_INVALID', 'not like this');
        });
        await expect(asker.request(failing, bytes('x'))).rejects.toMatchObject({
          code: 'E_INPUT_INVALID',
          message: 'not like this',
        });
        expect(asker.openCount).toBe(0);
      });

      it('is handled at most once, and ends by its deadline while the handler goes on', async () => {
        const [asker, server] = [await open(), await open()];
        const name = subject();
        let calls = 0;
        const aborted = new Promise<void>((resolve) => {
          void server.serve(name, async (_, { signal }) => {
            calls += 1;
            signal.addEventListener('abort', () => resolve());
            await aborted;
            return bytes('late');
          });
        });
        await eventually(async () => {
          await expect(asker.request(name, bytes('x'), { timeoutMs: 300 })).rejects.toMatchObject({
            code: 'E_TIMEOUT',
          });
          return calls > 0;
        }, WAIT_MS);
        await aborted;
        expect(calls).toBe(1);
      });

      it('says what nobody means', async () => {
        const asker = await open();
        const guarantee: Guarantee = asker.guarantee('request');
        const asked = asker.request(subject(), bytes('x'), { timeoutMs: 500 });
        const code = guarantee.whenNobody === 'error' ? 'E_BACKEND_UNAVAILABLE' : 'E_TIMEOUT';
        await expect(asked).rejects.toMatchObject({ code });
      });

      it('takes payloads up to its bound, and signals', async () => {
        const [asker, server] = [await open(), await open()];
        const name = subject();
        await server.serve(name, (payload) => payload);
        const large = new Uint8Array(MESSAGE_BYTES_MAX).fill(7);
        expect(Buffer.compare(await asker.request(name, large), large)).toBe(0);
        expect((await asker.request(name, new Uint8Array(0))).length).toBe(0);
        await expect(asker.request(name, new Uint8Array(MESSAGE_BYTES_MAX + 1))).rejects.toMatchObject({
          code: 'E_PAYLOAD_TOO_LARGE',
        });
        const signal = AbortSignal.abort(new Error('no more'));
        await expect(asker.request(name, large, { signal })).rejects.toThrow('no more');
      });

      it('is refused when a server has too many', async () => {
        const [asker, server] = [await open(), await open()];
        const name = subject();
        let release = (): void => {};
        const gate = new Promise<void>((resolve) => {
          release = resolve;
        });
        await server.serve(name, async (payload) => {
          await gate;
          return payload;
        });
        const refused: string[] = [];
        const asked = Array.from({ length: HANDLERS_MAX + 5 }, (_, at) =>
          asker.request(name, bytes(`${at}`)).catch((error) => {
            refused.push(error.code);
          }),
        );
        await eventually(() => refused.length === 5, WAIT_MS);
        release();
        await Promise.all(asked);
        expect(refused).toEqual(Array(5).fill('E_QUEUE_FULL'));
      });
    });

    describe('publish', () => {
      it('reaches every subscriber, in the order of its sender, and nobody is fine', async () => {
        const [teller, one, two] = [await open(), await open(), await open()];
        const name = subject();
        await teller.publish(subject(), bytes('nobody'));
        const heard: string[][] = [[], [], []];
        const listen = (broker: MessageBroker, at: number) =>
          broker.subscribe(name, ({ payload, from }) => {
            expect(from).toBe(teller.endpoint);
            heard[at]!.push(text(payload));
          });
        await listen(one, 0);
        await listen(one, 1);
        const last = await listen(two, 2);
        const sent = Array.from({ length: 200 }, (_, at) => `${at}`);
        for (const value of sent) await teller.publish(name, bytes(value));
        await eventually(() => heard.every((list) => list.length === sent.length), WAIT_MS);
        for (const list of heard) expect(list).toEqual(sent);
        await last.close();
        await teller.publish(name, bytes('more'));
        await eventually(() => heard[0]!.length === 201, WAIT_MS);
        expect(heard[2]).toHaveLength(200);
      });

      it('drops the oldest for a subscriber that is slow, and counts them', async () => {
        const [teller, listener] = [await open(), await open()];
        const name = subject();
        const heard: number[] = [];
        let release = (): void => {};
        const gate = new Promise<void>((resolve) => {
          release = resolve;
        });
        const subscription = await listener.subscribe(name, async ({ payload }) => {
          await gate;
          heard.push(Number(text(payload)));
        });
        const total = SUBSCRIPTION_MESSAGES_MAX + 300;
        for (let at = 0; at < total; at++) await teller.publish(name, bytes(`${at}`));
        await eventually(() => subscription.dropped >= 299, WAIT_MS);
        release();
        await eventually(() => heard.length + subscription.dropped === total, WAIT_MS);
        expect(heard).toEqual([...heard].sort((left, right) => left - right));
        expect(heard.at(-1)).toBe(total - 1);
      });
    });

    describe('send', () => {
      it('reaches one receiver each, in the order of its sender', async () => {
        const [sender, one, two] = [await open(), await open(), await open()];
        const name = subject();
        const taken: number[][] = [[], []];
        await one.receive(name, ({ payload }) => void taken[0]!.push(Number(text(payload))));
        await two.receive(name, ({ payload }) => void taken[1]!.push(Number(text(payload))));
        const total = 200;
        for (let at = 0; at < total; at++) await sender.send(name, bytes(`${at}`));
        await eventually(() => taken.flat().length >= total, WAIT_MS);
        expect(taken.flat().sort((left, right) => left - right)).toEqual(
          Array.from({ length: total }, (_, at) => at),
        );
        for (const list of taken) expect(list).toEqual([...list].sort((left, right) => left - right));
      });

      it('is handled as often as it promises when a handler fails, and kept or not when nobody is there', async () => {
        const sender = await open();
        const { delivery, whenNobody } = sender.guarantee('send');
        const name = subject();
        await sender.send(name, bytes('early'));
        const receiver = await open();
        const tries: string[] = [];
        await receiver.receive(name, ({ payload }) => {
          tries.push(text(payload));
          if (text(payload) === 'fails' && tries.filter((value) => value === 'fails').length === 1)
            throw new Error('once');
        });
        await sender.send(name, bytes('fails'));
        await sender.send(name, bytes('last'));
        await eventually(() => tries.includes('last'), WAIT_MS);
        if (delivery === 'at-least-once')
          await eventually(() => tries.filter((value) => value === 'fails').length === 2, WAIT_MS);
        expect(tries.includes('early')).toBe(whenNobody === 'kept');
        if (delivery === 'at-most-once') expect(tries).toEqual(['fails', 'last']);
      });
    });

    describe('stream', () => {
      it('comes whole, in order, with large and empty items, and carries the opening', async () => {
        const [reader, server] = [await open(), await open()];
        const name = subject();
        const large = Buffer.alloc(1_000_003, 5);
        await server.serveStream(name, async function* (opening) {
          yield opening;
          for (let at = 0; at < 100; at++) yield bytes(`${at}`);
          yield new Uint8Array(0);
          yield large;
        });
        const items: Uint8Array[] = [];
        for await (const item of reader.stream(name, bytes('please'))) items.push(item);
        expect(items).toHaveLength(103);
        expect(text(items[0]!)).toBe('please');
        expect(items.slice(1, 101).map(text)).toEqual(Array.from({ length: 100 }, (_, at) => `${at}`));
        expect(items[101]).toHaveLength(0);
        expect(Buffer.compare(items[102]!, large)).toBe(0);
        await eventually(() => reader.openCount + server.openCount === 0, WAIT_MS);
      });

      it('makes the sender wait for a slow reader, and ends at the sender when the reader leaves', async () => {
        const [reader, server] = [await open(), await open()];
        const name = subject();
        let produced = 0;
        let isEnded = false;
        await server.serveStream(name, async function* () {
          try {
            for (;;) {
              produced += 1;
              yield bytes('item');
            }
          } finally {
            isEnded = true;
          }
        });
        const items = reader.stream(name, bytes(''));
        await items.next();
        await eventually(() => produced >= WINDOW_CHUNKS, WAIT_MS);
        // As many turns of both ends as anything under way needs to arrive.
        const other = subject();
        await server.serve(other, (payload) => payload);
        for (let turn = 0; turn < 50; turn++) await reader.request(other, bytes(`${turn}`));
        expect(produced).toBeLessThanOrEqual(WINDOW_CHUNKS + 3);
        await items.return();
        await eventually(() => isEnded && server.openCount === 0, WAIT_MS);
      });

      it('ends with the error of its sender, of nobody, and of a sender that is closed', async () => {
        const [reader, server] = [await open(), await open()];
        const name = subject();
        await server.serveStream(name, async function* () {
          yield bytes('one');
          throw new AnantError('E_INPUT_INVALID', 'no two');
        });
        const items = reader.stream(name, bytes(''));
        expect(text((await items.next()).value!)).toBe('one');
        await expect(items.next()).rejects.toMatchObject({ code: 'E_INPUT_INVALID', message: 'no two' });
        if (reader.guarantee('stream').whenNobody === 'error') {
          await expect(reader.stream(subject(), bytes('')).next()).rejects.toMatchObject({
            code: 'E_BACKEND_UNAVAILABLE',
          });
        }
        const endless = subject();
        await server.serveStream(endless, async function* () {
          for (;;) yield bytes('more');
        });
        const endlessItems = reader.stream(endless, bytes(''));
        await endlessItems.next();
        const abort = new AbortController();
        const second = reader.stream(endless, bytes(''), { signal: abort.signal });
        await second.next();
        abort.abort(new Error('enough'));
        await expect(drain(second)).rejects.toThrow('enough');
        await reader.close();
        await expect(drain(endlessItems)).rejects.toMatchObject({ code: 'E_BACKEND_CLOSED' });
      });

      it('carries an object in chunks, resumes it where it broke, and notices a changed one', async () => {
        const [reader, server] = [await open(), await open()];
        const name = subject();
        const data = Buffer.alloc(3_000_001);
        for (let at = 0; at < data.length; at += 4) data.writeUInt32LE(at, Math.min(at, data.length - 4));
        const source = bytesSource(data);
        const offsets: number[] = [];
        await offerObject(server, name, {
          ...source,
          async *read(offset: number) {
            offsets.push(offset);
            let given = 0;
            for await (const piece of source.read(offset)) {
              yield piece;
              given += 1;
              if (offsets.length < 3 && given === 3) throw new AnantError('E_LOST', 'broken on purpose');
            }
          },
        });
        const fetched = await fetchObject(reader, name);
        expect(Buffer.compare(fetched, data)).toBe(0);
        expect(offsets).toHaveLength(3);
        expect(offsets[1]).toBeGreaterThan(0);
        expect(offsets[2]).toBeGreaterThan(offsets[1]!);
        const lying = subject();
        await offerObject(server, lying, { ...source, digest: '0'.repeat(64) });
        await expect(fetchObject(reader, lying)).rejects.toMatchObject({ code: 'E_OBJECT_LOST' });
      });
    });

    it('is closed once, and takes nothing after', async () => {
      const broker = await open();
      const asked = broker.request(subject(), bytes('x')).catch((error) => error.code);
      await broker.close();
      await broker.close();
      expect(['E_BACKEND_CLOSED', 'E_BACKEND_UNAVAILABLE']).toContain(await asked);
      await expect(broker.publish('x', bytes('x'))).rejects.toMatchObject({ code: 'E_BACKEND_CLOSED' });
      await expect(broker.subscribe('x', () => {})).rejects.toMatchObject({ code: 'E_BACKEND_CLOSED' });
    });
  });
}

async function drain(items: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of items);
}

/** Frames: what is written is read, and nothing else is. */
import { randomInteger, seededRandom } from '@anant/core/testing';
import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame, type Frame } from './frame.js';
import { HubRouting } from './hub-routing.js';

const FRAME: Frame = {
  to: 'one',
  name: 'work/größe',
  from: 'a',
  kind: 'work',
  id: '1',
  number: 2 ** 40,
  text: 'more',
  payload: Buffer.from([0, 255, 1]),
};

describe('a frame', () => {
  it('comes back as it was', () => {
    expect(decodeFrame(encodeFrame(FRAME))).toEqual(FRAME);
    expect(decodeFrame(encodeFrame({ ...FRAME, payload: Buffer.alloc(0) })).payload).toHaveLength(0);
  });

  it('cut or changed anywhere is refused as E_PROTOCOL or read as a frame, never anything else', () => {
    const random = seededRandom(5);
    const whole = encodeFrame(FRAME);
    for (let round = 0; round < 20_000; round++) {
      const bytes = Buffer.from(whole.subarray(0, randomInteger(random, whole.length + 1)));
      if (bytes.length > 0 && round % 2 === 0)
        bytes[randomInteger(random, bytes.length)] = randomInteger(random, 256);
      try {
        const frame = decodeFrame(bytes);
        if (typeof frame.name !== 'string' || !Number.isFinite(frame.number)) expect.fail('no frame');
      } catch (error) {
        if ((error as { code?: string }).code !== 'E_PROTOCOL') throw error;
      }
    }
  });
});

describe('a hub', () => {
  const join = (subject: string, membership: string): Frame => ({
    ...FRAME,
    to: 'hub',
    name: subject,
    kind: 'join',
    text: membership,
  });

  it('gives turns, tells all, answers for nobody, and forgets who left', () => {
    const hub = new HubRouting();
    for (const session of ['b', 'c']) for (const kind of ['one', 'all']) hub.route(session, join('s', kind));
    const to = (frame: Partial<Frame>) =>
      hub.route('a', { ...FRAME, name: 's', ...frame }).map(({ session }) => session);
    expect([to({}), to({}), to({})].flat()).toEqual(['b', 'c', 'b']);
    expect(to({ to: 'all' })).toEqual(['b', 'c']);
    hub.remove('b');
    expect([to({}), to({})].flat()).toEqual(['c', 'c']);
    hub.remove('c');
    expect(to({})).toEqual([]);
    expect(hub.undelivered).toBe(1);
    const [answer] = hub.route('a', { ...FRAME, kind: 'request' });
    expect(answer).toMatchObject({ session: 'a', frame: { kind: 'error', id: '1' } });
  });

  it('says who sent, whatever the sender says', () => {
    const hub = new HubRouting();
    hub.route('b', join('s', 'one'));
    const [delivery] = hub.route('mallory', { ...FRAME, name: 's', from: 'victim' });
    expect(delivery?.frame.from).toBe('mallory');
  });
});

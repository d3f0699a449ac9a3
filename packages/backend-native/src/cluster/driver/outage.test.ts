/** A driver that has lost its head says what it knows. */
import { AnantError } from '@anant/core';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { controlError } from '../control/control-channel.js';
import { Outage } from './outage.js';

const PURPOSE = 'reach the head at 127.0.0.1:7700';
/** Words of @grpc/grpc-js 1.14. */
const DROPPED = { code: status.UNAVAILABLE, details: 'Connection dropped' };
const REFUSED = {
  code: status.UNAVAILABLE,
  details:
    'No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:7700. Resolution note: ',
};
const unmade = (last: string) => ({
  code: status.UNAVAILABLE,
  details: `No connection established. Last error: ${last}. Resolution note: `,
});
const errorOf = (cause: object) => controlError(PURPOSE, Object.assign(new Error(), cause));

describe('what is known of a head that stays away', () => {
  it.each([
    [DROPPED, 'the connection broke without a word'],
    [REFUSED, 'nothing listens there: its process has ended, or never ran (ECONNREFUSED)'],
    [{ code: status.UNAVAILABLE, details: 'connect EHOSTUNREACH 10.0.0.7:7700' }, 'EHOSTUNREACH'],
    [{ code: status.DEADLINE_EXCEEDED, details: 'Deadline exceeded after 10.0s' }, 'it hangs'],
    [
      {
        code: status.DEADLINE_EXCEEDED,
        details: 'Deadline exceeded after 10.0s,name resolution: 0.008s,Waiting',
      },
      'after 10.0s: it hangs',
    ],
    [{ code: status.UNAVAILABLE, details: 'certificate has expired' }, 'certificate has expired'],
    [unmade('Error: self-signed certificate in certificate chain'), 'of another authority'],
    [
      unmade('Error: Client network socket disconnected before secure TLS connection was established'),
      'does not speak TLS',
    ],
    [unmade('Failed to connect (2026-11-26T14:41:55.494Z)'), 'wants a certificate'],
    [unmade('Protocol error (2026-11-26T14:41:55.494Z)'), 'is no head'],
  ])('says it in words: %j', (cause, words) => {
    const { message, code } = errorOf(cause);
    expect(message).toContain(`Could not ${PURPOSE}: `);
    expect(message).toContain(words);
    expect(code).toBe('E_BACKEND_UNAVAILABLE');
  });

  it('tells how it began and how the last attempt went', () => {
    const outage = new Outage(PURPOSE);
    const first = errorOf(DROPPED);
    outage.failed(first);
    expect(outage.story()).toBe(first);
    for (let attempt = 0; attempt < 7; attempt += 1) outage.failed(errorOf(REFUSED));
    const story = outage.story();
    expect(story.message).toBe(
      `Could not ${PURPOSE}: the connection broke without a word. 7 attempts since then failed, the last one so: nothing listens there: its process has ended, or never ran (ECONNREFUSED).`,
    );
    expect([story.code, story.retryable]).toEqual(['E_BACKEND_UNAVAILABLE', true]);
    outage.over();
    expect(outage.story().message).toBe(`Could not ${PURPOSE}.`);
  });

  it('tells what the head said before it ended', () => {
    const outage = new Outage(PURPOSE);
    outage.failed(new AnantError('E_BACKEND_UNAVAILABLE', 'The head was told to end.'));
    outage.failed(errorOf(REFUSED));
    expect(outage.story().message).toMatch(
      /^The head was told to end\. One attempt since then failed.*ended/,
    );
  });
});

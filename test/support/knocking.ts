/** Trying doors: what a port says to somebody who shows this or that. */
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { Dealer } from 'zeromq';
import type { Shown } from './bad-credentials.js';

const HANDSHAKE_MS_MAX = 30_000;

/** Shows a certificate and believes whoever answers: what comes back is the server's own decision. */
export function tlsOf(shown: Shown | undefined) {
  const pair = shown && { cert: shown.own.certificate, key: shown.own.privateKey };
  return { ...pair, rejectUnauthorized: false, agent: false } as const;
}

/** @returns the status of an HTTP answer, or `none`. */
export function scrape(url: string, shown: Shown | undefined): Promise<number | 'none'> {
  return new Promise((resolve) => {
    const isPlain = url.startsWith('http:');
    const sent = isPlain ? plainRequest(url, { agent: false }) : tlsRequest(url, tlsOf(shown));
    sent.on('error', () => resolve('none'));
    sent.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.end();
  });
}

export type Knock = 'in' | 'refused';

/** Whether CURVE lets somebody in. @param address `tcp://host:port`. @param options none is plain */
export async function knock(
  address: string,
  options: object,
  then: (dealer: Dealer) => Promise<void> = async () => {},
) {
  const dealer = new Dealer({ linger: 0, handshakeInterval: HANDSHAKE_MS_MAX, ...options });
  const verdict = new Promise<Knock>((resolve) => {
    dealer.events.on('handshake', () => resolve('in'));
    for (const event of [
      'handshake:error:auth',
      'handshake:error:protocol',
      'handshake:error:other',
      'disconnect',
    ])
      dealer.events.on(event as 'disconnect', () => resolve('refused'));
  });
  dealer.connect(address);
  try {
    const result = await verdict;
    if (result === 'in') await then(dealer);
    return result;
  } finally {
    dealer.close();
  }
}

import { EventEmitter } from 'node:events';
import type { AnantError } from '@anant/core';
import { type ClientDuplexStream, status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import type { NodeCertificate } from '../security/authority.js';
import { PersistentStream } from './persistent-stream.js';

/** A call that the head refuses as soon as it is told to. */
class Call extends EventEmitter {
  write(_message: string, callback: () => void): void {
    callback();
  }
  cancel(): void {}
  end(): void {}

  refuse(): void {
    this.emit('error', Object.assign(new Error(), { code: status.UNAUTHENTICATED, details: 'is revoked' }));
  }
}

const certificate = (name: string): NodeCertificate => ({ certificate: name }) as NodeCertificate;

/** @returns how the end of a connection is told, when `renewed` is what the process has after it looked. */
async function refusedWith(shown: string, renewed: string): Promise<AnantError> {
  const call = new Call();
  const security = {
    own: certificate(shown),
    reload: async () => {
      security.own = certificate(renewed);
      return 'changed' as const;
    },
  };
  let stream: PersistentStream<string, string> | undefined;
  const down = new Promise<AnantError>((resolve) => {
    stream = new PersistentStream<string, string>({
      purpose: 'reach the head',
      open: () => call as unknown as ClientDuplexStream<string, string>,
      security,
      introduce: () => 'hello',
      onMessage: () => {},
      onDown: resolve,
    });
    stream.start();
    call.refuse();
  });
  return await down.finally(() => stream?.close());
}

it('takes the refusal of a certificate for the last word only while there is no newer one', async () => {
  expect(await refusedWith('first', 'first')).toMatchObject({ code: 'E_IDENTITY_REFUSED', retryable: false });
  expect(await refusedWith('first', 'second')).toMatchObject({
    code: 'E_BACKEND_UNAVAILABLE',
    retryable: true,
  });
});

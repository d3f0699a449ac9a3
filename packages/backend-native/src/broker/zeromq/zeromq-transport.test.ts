import { describe, expect, it } from 'vitest';
import { ZeroMqTransport } from './zeromq-transport.js';

describe('the address of a hub', () => {
  it.each(['tcp://127.0.0.1:7710', 'tcp://[::1]:7710', 'tcp://hub.example:7710'])('may be %s', (address) => {
    expect(new ZeroMqTransport({ address }).name).toBe('zeromq');
  });

  it.each(['127.0.0.1:7710', 'tcp://127.0.0.1', 'ipc:///tmp/hub', ''])('is not "%s"', (address) => {
    expect(() => new ZeroMqTransport({ address })).toThrowError(/is no address of a ZeroMQ hub/);
  });
});

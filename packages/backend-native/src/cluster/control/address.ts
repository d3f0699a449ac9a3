/** Addresses of heads: `tcp://host:port`, `host:port`. */
import { isIP } from 'node:net';
import { AnantError } from '@anant/core';

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** @throws AnantError `E_CONFIG_INVALID` naming what is wrong */
export function parseAddress(text: string): HostAndPort {
  const match = /^(?:tcp:\/\/)?(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (!match?.[1] || port > 65_535) {
    throw new AnantError('E_CONFIG_INVALID', `"${text}" is no address of a head.`, {
      advice: 'Write host:port, for example 127.0.0.1:7700.',
    });
  }
  return { host: match[1].replace(/^\[|\]$/g, ''), port };
}

/** As gRPC wants it. */
export const targetOf = ({ host, port }: HostAndPort): string =>
  isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;

export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

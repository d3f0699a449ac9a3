/** Addresses and the socket itself. */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { AnantError } from '@anant/core';

export interface BindAddress {
  readonly host: string;
  readonly port: number;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** Reads `host:port` or `[host]:port`. @throws AnantError `E_CONFIG_INVALID` */
export function parseAddress(address: string): BindAddress {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(address);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new AnantError('E_CONFIG_INVALID', `"${address}" is no gossip address.`, {
      advice: 'Write host:port, for example 127.0.0.1:7946 or [::1]:7946.',
    });
  }
  return { host: (match[1] ?? match[2])!, port };
}

/** @throws AnantError `E_BACKEND_UNAVAILABLE` when the address is taken or not this machine's. */
export async function openSocket(
  bind: BindAddress,
): Promise<{ readonly socket: Socket; readonly address: string }> {
  const socket = createSocket(isIPv6(bind.host) ? 'udp6' : 'udp4');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (cause) => {
      socket.close();
      reject(
        new AnantError('E_BACKEND_UNAVAILABLE', `Gossip cannot bind UDP ${bind.host}:${bind.port}.`, {
          cause,
          advice: 'Choose a free port, or 0 for any.',
        }),
      );
    });
    socket.bind(bind.port, bind.host, () => {
      socket.removeAllListeners('error');
      resolve();
    });
  });
  const { address, port } = socket.address();
  return { socket, address: isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}` };
}

/**
 * Where a data endpoint listens, as one line of text: socket, its CURVE key in a cluster with certificates, and the
 * folder for large buffers on the same machine.
 */
import { AnantError } from '@anant/core';

export interface DataAddress {
  /** For ZeroMQ, `tcp://host:port`. */
  readonly socket: string;
  /** A private folder in memory into which processes of the same user on the same machine may write. */
  readonly folder: string | undefined;
  /** 64 hexadecimal digits. Which node it is of, certificates say. */
  readonly key: string | undefined;
}

export function formatDataAddress({ socket, folder, key }: DataAddress): string {
  const query = new URLSearchParams({ ...(folder && { folder }), ...(key && { key }) }).toString();
  return query === '' ? socket : `${socket}?${query}`;
}

/** @throws AnantError `E_PROTOCOL` when it is no address */
export function parseDataAddress(text: string): DataAddress {
  const [socket = '', query] = text.split('?', 2);
  if (!/^tcp:\/\/[^\s/?#]+:\d{1,5}$/.test(socket)) {
    throw new AnantError('E_PROTOCOL', `"${text.slice(0, 200)}" is no data address.`);
  }
  const parameters = new URLSearchParams(query);
  const key = parameters.get('key') ?? undefined;
  if (key !== undefined && !/^[0-9a-f]{64}$/.test(key)) {
    throw new AnantError('E_PROTOCOL', `"${text.slice(0, 200)}" has a malformed key.`);
  }
  return { socket, folder: parameters.get('folder') ?? undefined, key };
}

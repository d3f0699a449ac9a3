/** Where a data endpoint listens, as one line of text: socket, and the folder for large buffers on the same machine. */
import { AnantError } from '@anant/core';

export interface DataAddress {
  /** For ZeroMQ, `tcp://host:port`. */
  readonly socket: string;
  /** A private folder in memory into which processes of the same user on the same machine may write. */
  readonly folder: string | undefined;
}

export function formatDataAddress({ socket, folder }: DataAddress): string {
  return folder === undefined ? socket : `${socket}?folder=${encodeURIComponent(folder)}`;
}

/** @throws AnantError `E_PROTOCOL` when it is no address */
export function parseDataAddress(text: string): DataAddress {
  const [socket = '', query] = text.split('?', 2);
  if (!/^tcp:\/\/[^\s/?#]+:\d{1,5}$/.test(socket)) {
    throw new AnantError('E_PROTOCOL', `"${text.slice(0, 200)}" is no data address.`);
  }
  const folder = new URLSearchParams(query).get('folder') ?? undefined;
  return { socket, folder };
}

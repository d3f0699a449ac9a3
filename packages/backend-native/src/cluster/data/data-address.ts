/**
 * A data endpoint, as one line of text: where it listens; in a cluster with certificates its node and CURVE key; and the
 * folder for large buffers on the same machine. It names the endpoint as long as its process lives: when its keys are
 * renewed, peers are told another way to it (`data-identity.ts`).
 */
import { AnantError } from '@anant/core';

export interface DataAddress {
  /** For ZeroMQ, `tcp://host:port`. */
  readonly socket: string;
  /** A private folder in memory into which processes of the same user on the same machine may write. */
  readonly folder: string | undefined;
  /** Whose it is. */
  readonly node: string | undefined;
  /** 64 hexadecimal digits. That it is of that node, a certificate says. */
  readonly key: string | undefined;
}

export function formatDataAddress({ socket, ...parts }: DataAddress): string {
  const given = Object.entries(parts).filter((part): part is [string, string] => part[1] !== undefined);
  const query = new URLSearchParams(given).toString();
  return query === '' ? socket : `${socket}?${query}`;
}

/** @throws AnantError `E_PROTOCOL` when it is no address */
export function parseDataAddress(text: string): DataAddress {
  const [socket = '', query] = text.split('?', 2);
  if (!/^tcp:\/\/[^\s/?#]+:\d{1,5}$/.test(socket)) {
    throw new AnantError('E_PROTOCOL', `"${text.slice(0, 200)}" is no data address.`);
  }
  const parameters = new URLSearchParams(query);
  const part = (name: string) => parameters.get(name) ?? undefined;
  const key = part('key');
  if (key !== undefined && !/^[0-9a-f]{64}$/.test(key)) {
    throw new AnantError('E_PROTOCOL', `"${text.slice(0, 200)}" has a malformed key.`);
  }
  return { socket, folder: part('folder'), node: part('node'), key };
}

/**
 * The client that methods of graphs run on when none is named: one per process, made from the configuration file when
 * it is first needed. Without a file that is the embedded backend: no server, no port.
 */
import type { Client } from '@anant/core';

let opened: Promise<Client> | undefined;

/** @throws AnantError as `connectFromConfig` does; the next call then tries again. */
export function defaultClient(): Promise<Client> {
  opened ??= open().catch((error) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

/** Closes the default client, if there is one; the next method makes a new one. Closing twice is fine. */
export async function closeDefaultClient(): Promise<void> {
  const client = opened;
  opened = undefined;
  await (await client?.catch(() => undefined))?.close();
}

async function open(): Promise<Client> {
  const { connectFromConfig } = await import('@anant/core/config');
  return connectFromConfig();
}

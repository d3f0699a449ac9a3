/** A hub listens beyond this machine only with certificates. */
import { AnantError } from '@anant/core';
import { isLoopback } from '../cluster/control/address.js';

export const LOOPBACK = '127.0.0.1';

/** @throws AnantError `E_CONFIG_INVALID` for a host beyond loopback without certificates. */
export function checkBind(host: string, protection: 'certificates' | 'none'): void {
  if (protection === 'certificates' || isLoopback(host)) return;
  throw new AnantError(
    'E_CONFIG_INVALID',
    `"${host}" is beyond this machine and there are no certificates.`,
    {
      advice: 'Listen on 127.0.0.1, or make certificates: anant certs init.',
      details: { host },
    },
  );
}

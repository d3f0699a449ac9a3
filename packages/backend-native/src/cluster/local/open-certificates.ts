/** Opens the certificates of a program's node, reads them again on SIGHUP, and logs what becomes of them while it runs. */
import type { Logger } from '@anant/core';
import { NodeSecurity } from '../security/node-security.js';

/** @throws AnantError `E_CERTIFICATE_INVALID` or `E_IDENTITY_REFUSED` saying which file is wrong and why */
export async function openCertificates(
  directory: string | undefined,
  logger: Logger,
): Promise<NodeSecurity | undefined> {
  if (directory === undefined) return undefined;
  const security = await NodeSecurity.open({ directory });
  const opened = security.identity;
  const say = ({ nodeId, role, validToMs }: typeof opened) =>
    logger.info(
      `This is ${role} "${nodeId}", by its certificate until ${new Date(validToMs).toISOString()}.`,
    );
  say(opened);
  security.onChange(() => {
    say(security.identity);
    if (security.trust.isRevoked(opened.fingerprint))
      logger.warn(
        'The certificate this process began with is revoked, and gossip still uses it: start it again.',
      );
  });
  // In a terminal it says that the terminal was closed, which ends what runs there.
  if (!process.stdin.isTTY) process.on('SIGHUP', () => void readAgain(security, logger));
  return security;
}

async function readAgain(security: NodeSecurity, logger: Logger): Promise<void> {
  const outcome = await security.reload();
  if (outcome === 'same') logger.info('The certificates are those in use.');
  if (outcome === 'refused')
    logger.warn(`The certificates are not taken: ${security.reloadProblem?.message}`);
}

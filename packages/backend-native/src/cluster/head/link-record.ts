/** What of a session must outlive its head: where its driver is, and the number by which tasks and workers name it. */
import type { OpenSession } from '../proto/anant/v1/scheduler.js';
import type { SessionLink } from './head-link.js';

const PREFIX = 'session:';

/** Key of a session among the attachments of the scheduler. */
export const sessionKey = (id: string): string => `${PREFIX}${id}`;
export const isSessionKey = (key: string): boolean => key.startsWith(PREFIX);

interface LinkRecord {
  readonly index: number;
  readonly open: Pick<OpenSession, 'session' | 'name' | 'dataAddress' | 'secret' | 'host'>;
}

export function encodeLink({ id, index, name, peer }: SessionLink): Uint8Array {
  const { dataAddress, secret, host } = peer;
  const open = { session: id, name, dataAddress, secret: Buffer.from(secret).toString('base64'), host };
  return Buffer.from(JSON.stringify({ index, open }));
}

export function decodeLink(bytes: Uint8Array): LinkRecord {
  const { index, open } = JSON.parse(Buffer.from(bytes).toString()) as {
    index: number;
    open: Omit<LinkRecord['open'], 'secret'> & { secret: string };
  };
  return { index, open: { ...open, secret: Buffer.from(open.secret, 'base64') } };
}

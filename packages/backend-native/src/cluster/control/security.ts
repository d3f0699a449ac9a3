/** Who may talk to whom: a token that head, workers and drivers share, and certificates beyond this machine. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { AnantError } from '@anant/core';
import {
  ChannelCredentials,
  type Metadata,
  Metadata as MetadataClass,
  ServerCredentials,
} from '@grpc/grpc-js';
import { isLoopback } from './address.js';

/** Certificates of one node, in PEM. */
export interface TlsFiles {
  readonly ca: Buffer;
  readonly certificate: Buffer;
  readonly key: Buffer;
}

/** Held by every part of one cluster; `undefined` leaves the door open to every user of this machine. */
export type ClusterToken = string | undefined;

const HEADER = 'authorization';

export function metadataOf(token: ClusterToken): Metadata {
  const metadata = new MetadataClass();
  if (token !== undefined) metadata.set(HEADER, `Bearer ${token}`);
  return metadata;
}

export function isAdmitted(metadata: Metadata, token: ClusterToken): boolean {
  if (token === undefined) return true;
  const given = String(metadata.get(HEADER)[0] ?? '');
  // Equal lengths, so that the comparison takes the same time whatever was sent.
  return timingSafeEqual(digest(given), digest(`Bearer ${token}`));
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** @throws AnantError `E_CONFIG_INVALID` for an interface beyond this machine without certificates */
export function serverCredentials(host: string, tls: TlsFiles | undefined): ServerCredentials {
  if (tls !== undefined) {
    const pair = { private_key: tls.key, cert_chain: tls.certificate };
    // `true`: a client without a certificate of our authority is refused (grpc-js does not ask by itself).
    return ServerCredentials.createSsl(tls.ca, [pair], true);
  }
  checkPlain(host, 'listen on');
  return ServerCredentials.createInsecure();
}

/** @throws AnantError `E_CONFIG_INVALID` for a head beyond this machine without certificates */
export function channelCredentials(host: string, tls: TlsFiles | undefined): ChannelCredentials {
  if (tls !== undefined) return ChannelCredentials.createSsl(tls.ca, tls.key, tls.certificate);
  checkPlain(host, 'reach');
  return ChannelCredentials.createInsecure();
}

function checkPlain(host: string, verb: string): void {
  if (isLoopback(host)) return;
  throw new AnantError(
    'E_CONFIG_INVALID',
    `To ${verb} ${host}, beyond this machine, certificates are needed.`,
    {
      advice: 'Make them with `npx anant certs` and name their folder, or use 127.0.0.1.',
    },
  );
}

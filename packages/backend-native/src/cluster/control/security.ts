/** Who may talk to whom: a token that head, workers and drivers share, and certificates beyond this machine. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { AnantError } from '@anant/core';
import {
  ChannelCredentials,
  type Metadata,
  Metadata as MetadataClass,
  ServerCredentials,
} from '@grpc/grpc-js';
import { channelCredentials, serverCredentials } from '../security/grpc-credentials.js';
import type { NodeSecurity } from '../security/node-security.js';
import { isLoopback } from './address.js';

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
export function listenCredentials(host: string, security: NodeSecurity | undefined): ServerCredentials {
  if (security !== undefined) return serverCredentials(security);
  checkPlain(host, 'listen on');
  return ServerCredentials.createInsecure();
}

/**
 * For channels to the head at this host: with certificates it must be a head whose certificate names the host.
 * @throws AnantError `E_CONFIG_INVALID` for a head beyond this machine without certificates
 */
export function headCredentials(host: string, security: NodeSecurity | undefined): ChannelCredentials {
  if (security !== undefined) return channelCredentials(security, { role: 'head', host });
  checkPlain(host, 'reach');
  return ChannelCredentials.createInsecure();
}

/** @throws AnantError `E_CONFIG_INVALID` for an interface beyond this machine */
export function checkPlain(host: string, verb: 'listen on' | 'reach'): void {
  if (isLoopback(host)) return;
  throw new AnantError(
    'E_CONFIG_INVALID',
    `To ${verb} ${host}, beyond this machine, certificates are needed.`,
    {
      advice:
        'Make them with `npx anant certs` and name the folder of this node with --certificates; `npx anant up --secure` makes its own.',
    },
  );
}

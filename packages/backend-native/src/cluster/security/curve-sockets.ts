/** Options that make a ZeroMQ socket speak CURVE, with the key directory of the node deciding who may connect. */
import { randomUUID } from 'node:crypto';
import { curveText } from './key-pairs.js';
import { ZMQ_SOCKET_OPTIONS } from './limits.js';
import type { NodeIdentity } from './node-identity.js';
import type { NodeSecurity } from './node-security.js';
import { z85Encode } from './z85.js';
import { ZapHandler } from './zap-handler.js';

export interface CurveServer {
  /** For the constructor of the socket that binds: CURVE, an enforced ZAP domain and the profile of limits. */
  readonly options: CurveServerOptions;
  /** Ends the domain; call it when the socket is closed. New connections are refused from then on. */
  close(): void;
}

export type CurveServerOptions = typeof ZMQ_SOCKET_OPTIONS & {
  readonly curveServer: true;
  readonly curveSecretKey: string;
  readonly zapDomain: string;
  readonly zapEnforceDomain: true;
};

/**
 * Prepares a listener: only nodes that `security.keys` knows connect. The socket keeps the CURVE key of this moment;
 * after a rotation it is closed and made again.
 * @param accepts which of the known nodes may connect; all of them by default.
 */
export async function curveServer(
  security: Pick<NodeSecurity, 'own' | 'keys'>,
  accepts: (identity: NodeIdentity) => 'accept' | 'refuse' = () => 'accept',
): Promise<CurveServer> {
  const handler = await ZapHandler.shared();
  const zapDomain = `anant-${randomUUID()}`;
  const close = handler.addDomain(zapDomain, (curveKey) => {
    const identity = security.keys.find(curveKey);
    return identity && accepts(identity) === 'accept' ? identity.nodeId : undefined;
  });
  const { secretKey } = curveText(security.own.curve);
  const curve = { curveServer: true, curveSecretKey: secretKey, zapDomain, zapEnforceDomain: true } as const;
  return { options: { ...ZMQ_SOCKET_OPTIONS, ...curve }, close };
}

/** For the constructor of a socket that connects. It talks to nobody but the holder of the server's key. */
export function curveClientOptions(security: Pick<NodeSecurity, 'own'>, server: NodeIdentity) {
  const { publicKey, secretKey } = curveText(security.own.curve);
  const serverKey = z85Encode(server.curveKey);
  return {
    ...ZMQ_SOCKET_OPTIONS,
    curvePublicKey: publicKey,
    curveSecretKey: secretKey,
    curveServerKey: serverKey,
  };
}

/**
 * Who speaks to the head, in a cluster with certificates: its connection proves a node, and it may introduce only that
 * node and that node's own data endpoint. What it shows for its endpoint is passed on to those who will meet it there.
 */
import { AnantError } from '@anant/core';
import { parseDataAddress } from '../data/data-address.js';
import { type AuthenticatedCall, identityOfCall, requireClaim } from '../security/grpc-guard.js';
import type { NodeSecurity } from '../security/node-security.js';

export interface Introduction {
  readonly dataAddress: string;
  /** Binds the key of the data endpoint. */
  readonly certificate: Uint8Array;
}

export class IdentityDesk {
  readonly #security: NodeSecurity | undefined;

  constructor(security: NodeSecurity | undefined) {
    this.#security = security;
  }

  /**
   * @returns the node that speaks on this call; `undefined` in a cluster without certificates
   * @throws AnantError `E_IDENTITY_REFUSED` when it introduces a data endpoint that is not its own
   */
  prove(call: AuthenticatedCall, { dataAddress, certificate }: Introduction): string | undefined {
    if (this.#security === undefined) return undefined;
    const identity = identityOfCall(this.#security, call);
    const holder = this.#security.admit(Buffer.from(certificate));
    requireClaim(identity, holder.nodeId);
    const { key } = parseDataAddress(dataAddress);
    if (key !== holder.curveKey.toString('hex')) {
      throw new AnantError(
        'E_IDENTITY_REFUSED',
        `The data address of "${identity.nodeId}" names another key.`,
        {
          advice: 'Name the key that the certificate of the node binds.',
        },
      );
    }
    return identity.nodeId;
  }

  /** A node may speak only for itself. @throws AnantError `E_IDENTITY_REFUSED` */
  requireClaim(nodeId: string | undefined, claimed: string | undefined): void {
    if (nodeId !== undefined && claimed !== undefined) requireClaim({ nodeId }, claimed);
  }
}

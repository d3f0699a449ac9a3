/**
 * Who speaks to the head, in a cluster with certificates: its connection proves a node, and it may introduce only that
 * node and that node's own data endpoint. What it shows for its endpoint is passed on to those who will meet it there.
 */
import { AnantError } from '@anant/core';
import { parseDataAddress } from '../data/data-address.js';
import { type AuthenticatedCall, identityOfCall, requireClaim } from '../security/grpc-guard.js';
import type { NodeSecurity } from '../security/node-security.js';

export interface Introduction {
  /** Names the data endpoint. */
  readonly dataAddress: string;
  /** The way there, when its keys were renewed; else empty. */
  readonly dataWay: string;
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
  prove(call: AuthenticatedCall, introduction: Introduction): string | undefined {
    if (this.#security === undefined) return undefined;
    const { nodeId } = identityOfCall(this.#security, call);
    this.#check(this.#security, nodeId, introduction);
    return nodeId;
  }

  /**
   * Takes the new keys of a node that has proved itself.
   * @throws AnantError `E_IDENTITY_REFUSED` when they are not its own, or in a cluster without certificates
   */
  renew(nodeId: string, introduction: Introduction): void {
    if (this.#security !== undefined) this.#check(this.#security, nodeId, introduction);
    else throw new AnantError('E_IDENTITY_REFUSED', 'This cluster has no certificates.');
  }

  #check(security: NodeSecurity, nodeId: string, introduction: Introduction): void {
    const { dataAddress, dataWay, certificate } = introduction;
    const holder = security.admit(Buffer.from(certificate));
    requireClaim({ nodeId }, holder.nodeId);
    const { node, key } = parseDataAddress(dataWay === '' ? dataAddress : dataWay);
    const isOwn = node === nodeId && parseDataAddress(dataAddress).node === nodeId;
    if (!isOwn || key !== holder.curveKey.toString('hex')) {
      throw new AnantError('E_IDENTITY_REFUSED', `The data address of "${nodeId}" names another key.`, {
        advice: 'Name the key that the certificate of the node binds.',
      });
    }
    if (security.keys.find(holder.curveKey) === undefined) {
      throw new AnantError(
        'E_IDENTITY_REFUSED',
        `The certificate of "${nodeId}" has been replaced by a newer one.`,
        { advice: 'Copy the new node.pem of this node to every place where the old one is used.' },
      );
    }
  }

  /** A node may speak only for itself. @throws AnantError `E_IDENTITY_REFUSED` */
  requireClaim(nodeId: string | undefined, claimed: string | undefined): void {
    if (nodeId !== undefined && claimed !== undefined) requireClaim({ nodeId }, claimed);
  }
}

/** Who calls: every gRPC call gets the identity that its connection proved, or is refused before its handler runs. */
import { AnantError } from '@anant/core';
import {
  Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  status,
} from '@grpc/grpc-js';
import type { NodeIdentity, NodeRole } from './node-identity.js';
import type { NodeSecurity } from './node-security.js';

/** Calls whose certificate is watched; more are refused with RESOURCE_EXHAUSTED. */
export const GUARDED_CALLS_MAX = 100_000;

export interface GuardOptions {
  /** Roles that may call a method, by full path such as `/anant.v1.WorkerService/Work`. */
  readonly rolesOf: (path: string) => readonly NodeRole[];
}

/** The part of a server call that carries its connection's certificate. */
export interface AuthenticatedCall {
  getAuthContext(): { readonly sslPeerCertificate?: { readonly raw: Buffer } };
}

interface OpenCall {
  readonly call: ServerInterceptingCallInterface;
  readonly certificate: Buffer;
}

/**
 * A server interceptor. It refuses calls without a proven identity (UNAUTHENTICATED) or of a role that may not
 * (PERMISSION_DENIED), and ends open calls when their certificate is revoked.
 */
export function identityGuard(security: NodeSecurity, options: GuardOptions): ServerInterceptor {
  const open = new Set<OpenCall>();
  security.onChange(() => endRefused(security, open));
  return (method, call) => {
    let entry: OpenCall | undefined;
    return new ServerInterceptingCall(call, {
      start: (next) => {
        const problem = admit(security, options, method.path, call, open.size);
        if (problem) {
          call.sendStatus({ ...problem, metadata: new Metadata() });
          return;
        }
        entry = { call, certificate: certificateOf(call)! };
        open.add(entry);
        next({
          onCancel: () => void open.delete(entry!),
        } as Parameters<typeof next>[0]);
      },
      sendStatus: (outcome, next) => {
        if (entry) open.delete(entry);
        next(outcome);
      },
    });
  };
}

interface Refusal {
  readonly code: status;
  readonly details: string;
}

function admit(
  security: NodeSecurity,
  options: GuardOptions,
  path: string,
  call: AuthenticatedCall,
  openCalls: number,
): Refusal | undefined {
  if (openCalls >= GUARDED_CALLS_MAX)
    return { code: status.RESOURCE_EXHAUSTED, details: `More than ${GUARDED_CALLS_MAX} open calls.` };
  try {
    const { role, nodeId } = identityOfCall(security, call);
    const roles = options.rolesOf(path);
    if (roles.includes(role)) return undefined;
    const allowed = roles.length > 0 ? roles.join(' or ') : 'nobody';
    return {
      code: status.PERMISSION_DENIED,
      details: `"${nodeId}" is a ${role}; ${path} is for ${allowed}.`,
    };
  } catch (error) {
    return { code: status.UNAUTHENTICATED, details: (error as AnantError).message };
  }
}

function endRefused(security: NodeSecurity, open: Set<OpenCall>): void {
  for (const entry of [...open]) {
    try {
      security.verify(entry.certificate);
    } catch (error) {
      open.delete(entry);
      const details = (error as AnantError).message;
      entry.call.sendStatus({ code: status.UNAUTHENTICATED, details, metadata: new Metadata() });
    }
  }
}

/** @throws AnantError `E_IDENTITY_REFUSED` when the connection proved nothing. */
export function identityOfCall(security: NodeSecurity, call: AuthenticatedCall): NodeIdentity {
  const certificate = certificateOf(call);
  if (certificate) return security.admit(certificate);
  throw new AnantError('E_IDENTITY_REFUSED', 'The connection has no certificate.', {
    advice: 'Connect with the certificate that "anant certs issue" made.',
  });
}

const certificateOf = (call: AuthenticatedCall): Buffer | undefined =>
  call.getAuthContext().sslPeerCertificate?.raw;

/** A node may speak only for itself. @throws AnantError `E_IDENTITY_REFUSED` when it claims another's id. */
export function requireClaim(identity: Pick<NodeIdentity, 'nodeId'>, claimedNodeId: string): void {
  if (identity.nodeId === claimedNodeId) return;
  throw new AnantError('E_IDENTITY_REFUSED', `"${identity.nodeId}" claimed to be "${claimedNodeId}".`, {
    advice:
      'A node goes by the name in its certificate: leave the name out, or use the certificate of that node.',
    details: { nodeId: identity.nodeId, claimedNodeId },
  });
}

/** The files of a node's folder, as `anant certs issue` makes it. */
export const NODE_FILE = 'node.pem';
export const AUTHORITY_FILE = 'ca.crt';
export const REVOKED_FILE = 'revoked';

/** One fingerprint a line. */
export function parseRevoked(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/).filter((word) => word !== ''));
}

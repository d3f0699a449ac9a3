/** Protocol messages as bytes: `[kind, body]`, plain data that may hold the bodies of encoded values. */
import { decodeMessage, encodeMessage } from '@anant/core/codec';

/** A message before framing. */
export interface Message {
  readonly kind: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Packs `[kind, body]`. */
export function packMessage(kind: string, body: object): Uint8Array {
  return encodeMessage([kind, body]);
}

/** Unpacks `[kind, body]`; a missing body reads as an empty map. @throws TypeError on any other shape. */
export function unpackMessage(bytes: Uint8Array): Message {
  const message: unknown = decodeMessage(bytes);
  if (!Array.isArray(message) || typeof message[0] !== 'string') {
    throw new TypeError('A message must be a msgpack array [kind, body].');
  }
  const body: unknown = message[1] ?? {};
  if (typeof body !== 'object' || Array.isArray(body)) {
    throw new TypeError(`The body of "${message[0]}" must be a map.`);
  }
  return { kind: message[0], body: body as Record<string, unknown> };
}

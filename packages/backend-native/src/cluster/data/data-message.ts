/** The head frame of a data-plane message: kind, secret, which of the frames behind it are files, then the payload. */
import { timingSafeEqual } from 'node:crypto';

/** What a message is about. Numbers on the wire; a new one is a new line here. */
export const DATA_KIND = {
  /** Starts, progress, items and results of tasks, from a worker to the driver. */
  events: 1,
  /** Credits of a stream, from the driver to the worker. */
  credits: 2,
  /** Asks for a stored object or a large input. */
  fetch: 3,
  /** Answers `fetch`: the object in the frames, or why not. */
  object: 4,
  /** Calls of an actor, from the driver to the worker that hosts it. */
  actorCalls: 5,
  /** Cancels actor calls. */
  actorCancel: 6,
  actorCancelAnswer: 7,
  /** Objects that nobody refers to any more. */
  release: 8,
  /** One chunk of an object. */
  chunk: 9,
  /** How far chunks were read. */
  more: 10,
} as const;

export type DataKind = (typeof DATA_KIND)[keyof typeof DATA_KIND];

export const SECRET_BYTES = 16;
const FIXED_BYTES = 1 + SECRET_BYTES + 2;

export interface DataHead {
  readonly kind: number;
  readonly files: readonly number[];
  readonly payload: Uint8Array;
}

export function packHead(
  kind: DataKind,
  secret: Uint8Array,
  files: readonly number[],
  payload: Uint8Array,
): Uint8Array {
  const head = Buffer.allocUnsafe(FIXED_BYTES + 2 * files.length + payload.byteLength);
  head[0] = kind;
  head.set(secret, 1);
  head.writeUInt16LE(files.length, 1 + SECRET_BYTES);
  for (const [index, file] of files.entries()) head.writeUInt16LE(file, FIXED_BYTES + 2 * index);
  head.set(payload, FIXED_BYTES + 2 * files.length);
  return head;
}

/** Opens a head whose sender knew `secret`; `undefined` for anything else. */
export function openHead(head: Uint8Array, secret: Uint8Array): DataHead | undefined {
  if (head.byteLength < FIXED_BYTES) return undefined;
  if (!timingSafeEqual(head.subarray(1, 1 + SECRET_BYTES), secret)) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const count = view.getUint16(1 + SECRET_BYTES, true);
  const start = FIXED_BYTES + 2 * count;
  if (start > head.byteLength) return undefined;
  const files = Array.from({ length: count }, (_, index) => view.getUint16(FIXED_BYTES + 2 * index, true));
  return { kind: head[0] as number, files, payload: head.subarray(start) };
}

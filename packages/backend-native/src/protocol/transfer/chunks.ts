/** An object as what crosses in one message and what crosses in chunks. */

/** Buffers from this size on cross in chunks; what is smaller travels with the answer. */
export const CHUNKED_BYTES_MIN = 1024 * 1024;
/** One chunk. */
export const CHUNK_BYTES = 4 * 1024 * 1024;
/** Chunks that a holder may send ahead of those that were read. */
export const WINDOW_CHUNKS = 4;

/** A part of one buffer, from byte `from` to before byte `to`. */
export interface Chunk {
  readonly buffer: number;
  readonly from: number;
  readonly to: number;
}

export const isChunked = (bytes: number): boolean => bytes >= CHUNKED_BYTES_MIN;

/** The chunks of buffers of these sizes, in order: both ends number them the same way. */
export function planChunks(sizes: readonly number[]): Chunk[] {
  const chunks: Chunk[] = [];
  for (const [buffer, bytes] of sizes.entries()) {
    if (!isChunked(bytes)) continue;
    for (let from = 0; from < bytes; from += CHUNK_BYTES)
      chunks.push({ buffer, from, to: Math.min(bytes, from + CHUNK_BYTES) });
  }
  return chunks;
}

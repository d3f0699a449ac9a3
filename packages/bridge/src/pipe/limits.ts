/** Bounds of the pipe between a worker and its host child. Beyond one, the stream is broken and the child ends. */

/** Parts of one message, part 0 included. */
export const PIPE_PARTS_MAX = 65_537;
/** Bytes of part 0. */
export const PIPE_HEAD_BYTES_MAX = 64 * 1024 * 1024;
/** Bytes of one buffer part: what one ArrayBuffer may hold here. */
export const PIPE_PART_BYTES_MAX = 4 * 1024 * 1024 * 1024;

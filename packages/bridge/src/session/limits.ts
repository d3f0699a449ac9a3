/** Bounds and times of a session with the bridge, from docs/protocol.md. */

/** Version of the protocol both halves must speak. */
export const PROTOCOL = 1;
/** Pause between two pings. */
export const PING_EVERY_MS = 1_000;
/** Silence of the bridge after which the session is over. */
export const SILENCE_MS_MAX = 15_000;
/** A pause between two ticks this long means that this process was stopped: silence is counted anew. */
export const STALL_MS_MIN = 2_000;
/** Messages that break the protocol before the session is over. */
export const STRIKES_MAX = 3;
/** Tasks of one `submit`; more go into further messages. */
export const SUBMIT_TASKS_MAX = 512;
/** Bytes of values in the head of one `submit`; more go into further messages. The protocol allows 64 MiB. */
export const SUBMIT_HEAD_BYTES_MAX = 16 * 1024 * 1024;
/** Buffers of one message; the protocol allows 65,535 beside the head. */
export const SUBMIT_BUFFERS_MAX = 16_384;
/** Longest wait for the answer to a call. */
export const CALL_MS_MAX = {
  cancel: 5_000,
  health: 5_000,
  put: 300_000,
  get: 300_000,
  release: 30_000,
  'actor-stop': 30_000,
} as const;

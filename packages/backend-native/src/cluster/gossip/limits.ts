/** The bounds of the gossip socket, and what happens at each. */

/** A larger frame is not sent and counted as `tooLarge`: IPv4 carries 65,507 bytes of UDP payload. */
export const FRAME_BYTES_MAX = 60_000;
/** Encoded metadata of a node; more is refused by `GossipNode.start` and `setMetadata`. */
export const METADATA_BYTES_MAX = 2048;
/** Proof of admission (a certificate); more is refused. */
export const TICKET_BYTES_MAX = 4096;
export const ID_BYTES_MAX = 256;
/** Frames taken from the socket in one second, good or bad; more are dropped unread. */
export const FRAMES_PER_SECOND_MAX = 20_000;
/** Frames of one authenticated sender in one second; more are dropped. */
export const SENDER_FRAMES_PER_SECOND_MAX = 2_000;
/** Members, alerts, votes or updates in one message; more are a malformed frame. */
export const ITEMS_MAX = 8_192;
/** Verified signatures remembered; the oldest is verified again. */
export const VERIFIED_MAX = 8_192;
/** Keys of a ring; one more is refused. */
export const KEYS_MAX = 8;
/** Frames out of order or late up to this many behind the newest are still taken, once each. */
export const REPLAY_WINDOW_FRAMES = 1_024;
/** Answers a second to frames of strangers and of outdated processes; more strangers are ignored. */
export const HINTS_PER_SECOND_MAX = 64;
/** Listeners of one node; one more throws. */
export const LISTENERS_MAX = 64;

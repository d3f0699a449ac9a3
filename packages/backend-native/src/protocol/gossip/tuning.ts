/** Every parameter of the gossip protocol, with its default and its source. */
export interface GossipTuning {
  /** Protocol period: one probe each. @default 1000 */
  readonly intervalMs: number;
  /** When in the period a node probes: at its own random moment, or all at once as in SWIM's analysis. @default 'random' */
  readonly phase: 'random' | 'aligned';
  /** Part of a period by which a deadline may be late, to be dealt with beside a message that comes anyhow. @default 0 */
  readonly leewayPart: number;
  /** Wait for a direct answer from a peer not measured yet, and the most for any. @default 500 */
  readonly timeoutMs: number;
  /** `fixed` waits `timeoutMs`; `measured` follows each peer's round trips (RFC 6298). @default 'measured' */
  readonly timeouts: 'fixed' | 'measured';
  /** Least wait for a measured peer. @default 50 */
  readonly timeoutMsMin: number;
  /** Peers whose round trips are remembered; the oldest is forgotten. @default 512 */
  readonly roundTripsMax: number;
  /** Members asked to probe in our place (SWIM's k). @default 3 */
  readonly helpers: number;
  /** Lifeguard's local health, nacks and slower probing of a node that is itself slow. @default 'aware' */
  readonly health: 'aware' | 'off';
  /** Lifeguard's suspicion timeout that shrinks with confirmations; `fixed` is plain SWIM's. @default 'confirmed' */
  readonly suspicion: 'confirmed' | 'fixed';
  /** Lifeguard's buddy: a suspect is told first that it is suspected. @default 'on' */
  readonly buddy: 'on' | 'off';
  /** A node that heard nobody, or was stopped itself, does not let suspicions run out. @default 'on' */
  readonly selfDoubt: 'on' | 'off';
  /** An accusation by another is believed and told on at once, or only when the accused does not answer. @default 'ask' */
  readonly hearsay: 'ask' | 'believe';
  /** Before its verdict a node asks the suspect once more, itself, and tells it of the suspicion. @default 'on' */
  readonly lastWord: 'on' | 'off';
  /** Shortest suspicion is `suspicionFactor × log10(N) × intervalMs` (Lifeguard's α). @default 2 */
  readonly suspicionFactor: number;
  /** Longest over shortest suspicion (Lifeguard's β). @default 6 */
  readonly suspicionSpread: number;
  /** Independent accusers that bring the timeout to its shortest (Lifeguard's k). @default 3 */
  readonly confirmations: number;
  /** What an expired suspicion does: `announce` tells everyone (plain SWIM), `evidence` informs the view only. @default 'evidence' */
  readonly verdict: 'announce' | 'evidence';
  /** An update is sent `retransmitFactor × ⌈log10(N + 1)⌉` times (SWIM's λ). @default 4 */
  readonly retransmitFactor: number;
  /** Whether hearing an update counts, in part, as telling it: what everyone knows dies out sooner. @default 'on' */
  readonly feedback: 'on' | 'off';
  /** Extra dissemination beside the probes, while there is something to tell; 0 is none (plain SWIM). @default 200 */
  readonly gossipIntervalMs: number;
  /** Peers told each time. @default 3 */
  readonly gossipPeers: number;
  /** Bytes of updates on one message. @default 1100 */
  readonly updateBytesMax: number;
  /** Updates waiting to be told; at the bound the most often told is dropped and left to anti-entropy. @default 4096 */
  readonly updatesQueuedMax: number;
  /** Push-pull with one peer, × (⌈log2(N / 32)⌉ + 1) above 32 members; 0 is never. @default 30000 */
  readonly syncIntervalMs: number;
  /** Bytes of one answer frame. @default 8192 */
  readonly syncFrameBytesMax: number;
  /** Frames in answer to one offer; the rest comes with the next. @default 16 */
  readonly syncFramesMax: number;
  /** Offers answered in one second; more are ignored. @default 128 */
  readonly syncsPerSecondMax: number;
  /** First and longest wait between tries to reach a dead member or a seed; jittered. @default 1000 and 60000 */
  readonly retryMs: number;
  readonly retryMsMax: number;
  /** Incarnations a statement may jump ahead of what is known. @default 1000 */
  readonly incarnationJumpMax: number;
  /** First accusations one author may make at once, and per protocol period. @default 8 and 2 */
  readonly accusationBurst: number;
  readonly accusationsPerInterval: number;
  /** Refuted accusations after which an author no longer counts, until its record fades. @default 3 */
  readonly refutedMax: number;
  /** A dead or departed member is forgotten after this long. @default 600000 */
  readonly forgetMs: number;
}

export const DEFAULT_TUNING: GossipTuning = {
  intervalMs: 1000,
  phase: 'random',
  leewayPart: 0,
  timeoutMs: 500,
  timeouts: 'measured',
  timeoutMsMin: 50,
  roundTripsMax: 512,
  helpers: 3,
  health: 'aware',
  suspicion: 'confirmed',
  buddy: 'on',
  selfDoubt: 'on',
  hearsay: 'ask',
  lastWord: 'on',
  suspicionFactor: 2,
  suspicionSpread: 6,
  confirmations: 3,
  verdict: 'evidence',
  retransmitFactor: 4,
  feedback: 'on',
  gossipIntervalMs: 200,
  gossipPeers: 3,
  updateBytesMax: 1100,
  updatesQueuedMax: 4096,
  syncIntervalMs: 30_000,
  syncFrameBytesMax: 8192,
  syncFramesMax: 16,
  syncsPerSecondMax: 128,
  retryMs: 1000,
  retryMsMax: 60_000,
  incarnationJumpMax: 1000,
  accusationBurst: 8,
  accusationsPerInterval: 2,
  refutedMax: 3,
  forgetMs: 600_000,
};

/**
 * SWIM with suspicion and infection-style dissemination, and none of what came later: the baseline of every comparison
 * (Das, Gupta, Motivala, DSN 2002). `suspicionFactor` 5 is what Lifeguard's authors ran (arXiv 1707.00788).
 */
export const SWIM_TUNING: GossipTuning = {
  ...DEFAULT_TUNING,
  timeouts: 'fixed',
  health: 'off',
  suspicion: 'fixed',
  buddy: 'off',
  selfDoubt: 'off',
  hearsay: 'believe',
  lastWord: 'off',
  suspicionFactor: 5,
  feedback: 'off',
  verdict: 'announce',
  accusationBurst: Number.POSITIVE_INFINITY,
  refutedMax: Number.POSITIVE_INFINITY,
};

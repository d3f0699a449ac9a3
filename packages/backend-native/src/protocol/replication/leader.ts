/**
 * What a leader may acknowledge: entries that its own journal has, and that of every standby in the in-sync set. The set
 * is kept outside under the leader's token; while a change of it is on its way, the standbys of both count.
 */
export interface ReplicationOptions {
  /** An in-sync standby that confirms nothing for so long, while there is something to confirm, falls out of the set. */
  readonly standbyMs: number;
  /** One whose connection broke falls out after so long. */
  readonly goneMs: number;
  /** A standby this many entries behind may come into the set. */
  readonly joinEntriesMax: number;
}

export const REPLICATION_DEFAULTS: ReplicationOptions = {
  standbyMs: 2_000,
  goneMs: 250,
  joinEntriesMax: 1_000,
};

export interface Standby {
  readonly log: string;
  /** Last entry it confirmed. */
  index: number;
  isConnected: boolean;
  /** When it last confirmed something, or had nothing to confirm, or its connection broke. */
  sinceMs: number;
}

export interface LeaderState {
  readonly options: ReplicationOptions;
  /** The leader's own log. */
  readonly log: string;
  /** Last entry decided, and last one durable here. */
  appended: number;
  durable: number;
  /** Entries up to this one may be acknowledged. */
  committed: number;
  readonly standbys: Map<string, Standby>;
  /** What is certainly written down, and what was sent to be written. */
  inSync: readonly string[];
  asked: readonly string[] | undefined;
}

export type LeaderEvent =
  | { readonly type: 'appended'; readonly index: number }
  | { readonly type: 'durable'; readonly index: number }
  /** A standby goes on from `index`; its log up to there is the leader's own. */
  | { readonly type: 'follows'; readonly log: string; readonly index: number }
  | { readonly type: 'confirmed'; readonly log: string; readonly index: number }
  | { readonly type: 'gone'; readonly log: string }
  /** The set that was asked for is written down. */
  | { readonly type: 'recorded' }
  | { readonly type: 'tick' };

export type LeaderEffect =
  /** Write this set down under the leader's token, until it is; answer with `recorded`. */
  | { readonly type: 'record'; readonly inSync: readonly string[] }
  | { readonly type: 'committed'; readonly index: number };

/** A leader that has just taken over: only itself is in the set, and that is written down already. */
export function newLeader(
  log: string,
  index: number,
  options: Partial<ReplicationOptions> = {},
): LeaderState {
  const resolved = { ...REPLICATION_DEFAULTS, ...options };
  const standbys = new Map<string, Standby>();
  return {
    options: resolved,
    log,
    appended: index,
    durable: 0,
    committed: 0,
    standbys,
    inSync: [log],
    asked: undefined,
  };
}

export function leaderStep(state: LeaderState, event: LeaderEvent, nowMs: number): LeaderEffect[] {
  take(state, event, nowMs);
  const effects: LeaderEffect[] = [];
  const committed = commitIndex(state);
  if (committed > state.committed) {
    state.committed = committed;
    effects.push({ type: 'committed', index: committed });
  }
  const wanted = state.asked === undefined ? wantedSet(state, nowMs) : undefined;
  if (wanted !== undefined) {
    state.asked = wanted;
    effects.push({ type: 'record', inSync: wanted });
  }
  return effects;
}

function take(state: LeaderState, event: LeaderEvent, nowMs: number): void {
  switch (event.type) {
    case 'appended':
      // Those that had everything until now have something to confirm from now on.
      for (const standby of state.standbys.values())
        if (standby.isConnected && standby.index >= state.appended) standby.sinceMs = nowMs;
      state.appended = event.index;
      break;
    case 'durable':
      state.durable = Math.max(state.durable, event.index);
      break;
    case 'follows':
      state.standbys.set(event.log, {
        log: event.log,
        index: event.index,
        isConnected: true,
        sinceMs: nowMs,
      });
      break;
    case 'confirmed':
      confirm(state.standbys.get(event.log), event.index, nowMs);
      break;
    case 'gone': {
      const standby = state.standbys.get(event.log);
      if (standby?.isConnected) Object.assign(standby, { isConnected: false, sinceMs: nowMs });
      break;
    }
    case 'recorded':
      state.inSync = state.asked ?? state.inSync;
      state.asked = undefined;
      break;
    case 'tick':
      break;
  }
}

function confirm(standby: Standby | undefined, index: number, nowMs: number): void {
  if (!standby?.isConnected || index <= standby.index) return;
  standby.index = index;
  standby.sinceMs = nowMs;
}

/** The last entry that everyone has who counts. */
function commitIndex(state: LeaderState): number {
  let index = state.durable;
  for (const log of new Set([...state.inSync, ...(state.asked ?? [])]))
    if (log !== state.log) index = Math.min(index, state.standbys.get(log)?.index ?? 0);
  return index;
}

/** The set as it should be; undefined when it is. */
function wantedSet(state: LeaderState, nowMs: number): readonly string[] | undefined {
  const kept = state.inSync.filter((log) => log === state.log || mayStay(state, log, nowMs));
  // One change at a time: first those go that hold the others up.
  if (kept.length < state.inSync.length) return kept;
  const joining = [...state.standbys.values()].filter(
    ({ log, index, isConnected }) =>
      isConnected &&
      !state.inSync.includes(log) &&
      // It must have all that was acknowledged before it counts.
      index >= state.committed &&
      state.appended - index <= state.options.joinEntriesMax,
  );
  return joining.length === 0 ? undefined : [...state.inSync, ...joining.map(({ log }) => log)];
}

function mayStay(state: LeaderState, log: string, nowMs: number): boolean {
  const standby = state.standbys.get(log);
  if (standby === undefined) return false;
  const { standbyMs, goneMs } = state.options;
  if (!standby.isConnected) return nowMs - standby.sinceMs < goneMs;
  return standby.index >= state.appended || nowMs - standby.sinceMs < standbyMs;
}

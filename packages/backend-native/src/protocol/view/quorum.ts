/**
 * Whether a head may assign work: its side of the last view must be the larger one. Pure; the head feeds it what gossip
 * and its own questions found out.
 */

/** One voter of the last view, as one head sees it. */
export interface VoterState {
  readonly id: string;
  /** Above suspicion, in the very life the view has it in. */
  readonly isReached: boolean;
  /** Its own machine said that the process has ended, or it said good-bye: it is on nobody's side. */
  readonly isGone: boolean;
  readonly isHead: boolean;
}

export interface Quorum {
  readonly state: 'held' | 'lost';
  readonly voters: number;
  readonly reached: number;
  readonly gone: number;
  /** Empty while it is held. */
  readonly reason: string;
}

/**
 * More than half of the voters that are not known to have ended; or just half, if the first head by name is among them:
 * with two members the head goes on without its worker, and of two heads one does.
 */
export function judgeQuorum(voters: readonly VoterState[], membership: 'member' | 'outside'): Quorum {
  const gone = voters.filter(({ isReached, isGone }) => isGone && !isReached).length;
  const reached = voters.filter(({ isReached }) => isReached).length;
  const counts = { voters: voters.length, reached, gone };
  if (membership === 'outside')
    return { ...counts, state: 'lost', reason: 'This head does not belong to the last view.' };
  const counted = voters.length - gone;
  const firstHead = voters
    .filter(({ isHead, isGone, isReached }) => isHead && (isReached || !isGone))
    .sort((left, right) => (left.id < right.id ? -1 : 1))[0];
  const isHeld = 2 * reached > counted || (2 * reached === counted && firstHead?.isReached === true);
  if (isHeld) return { ...counts, state: 'held', reason: '' };
  const reason = `It reaches ${reached} of the ${counted} voters of the last view, which is not most of them.`;
  return { ...counts, state: 'lost', reason };
}

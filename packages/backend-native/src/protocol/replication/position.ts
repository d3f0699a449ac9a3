/** Where a log ends. Entries are totally ordered by (epoch, index): equal positions mean equal logs up to there. */
export interface LogPosition {
  readonly epoch: number;
  readonly index: number;
}

/** Below 0 when `left` ends before `right`: the log with the newer epoch goes further, however long it is. */
export function comparePositions(left: LogPosition, right: LogPosition): number {
  return left.epoch - right.epoch || left.index - right.index;
}

/** What a head says of itself. */
export interface HeadPosition extends LogPosition {
  readonly name: string;
  /** `name/…`: another one when the head lost its log. */
  readonly log: string;
}

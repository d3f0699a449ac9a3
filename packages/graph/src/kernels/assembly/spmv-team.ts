import { requireLengths } from './incidence';
import { BLOCK_LISTS } from './size-groups';
import { sumRows } from './spmv';
import { awaitChunks, awaitPhase, chunkDone, chunkStart, endTeam, openPhase, takeChunk } from './team';

/** Pieces of about the same number of entries. */
const CHUNKS: u32 = 64;
const ROWS: u32 = 1;

/** `spmv` over plus and times, without values and mask, with helpers: each row is summed as by one. */
export function spmvLead(
  offsets: usize,
  offsetsLength: u32,
  columns: usize,
  columnsLength: u32,
  x: usize,
  xLength: u32,
  y: usize,
  team: usize,
  groups: usize,
): void {
  requireLengths(offsets, offsetsLength, columnsLength);
  if (xLength == 0 && columnsLength != 0) unreachable();
  openPhase(team, ROWS, CHUNKS);
  sumChunks(offsets, offsetsLength - 1, columns, columnsLength, x, xLength, y, team, groups, true);
  awaitPhase(team, CHUNKS);
  endTeam(team);
}

export function spmvHelp(
  offsets: usize,
  offsetsLength: u32,
  columns: usize,
  columnsLength: u32,
  x: usize,
  xLength: u32,
  y: usize,
  team: usize,
  groups: usize,
): void {
  requireLengths(offsets, offsetsLength, columnsLength);
  while (awaitChunks(team)) {
    sumChunks(offsets, offsetsLength - 1, columns, columnsLength, x, xLength, y, team, groups, false);
  }
}

function sumChunks(
  offsets: usize,
  rows: u32,
  columns: usize,
  columnsLength: u32,
  x: usize,
  xLength: u32,
  y: usize,
  team: usize,
  groups: usize,
  isLeader: bool,
): void {
  for (let chunk = takeChunk(team, isLeader); chunk >= 0; chunk = takeChunk(team, isLeader)) {
    const to = chunkStart(offsets, rows, chunk + 1, CHUNKS);
    for (let from = chunkStart(offsets, rows, chunk, CHUNKS); from < to; from += BLOCK_LISTS) {
      sumRows(offsets, columns, columnsLength, x, xLength, y, from, min(from + BLOCK_LISTS, to), groups);
    }
    chunkDone(team);
  }
}

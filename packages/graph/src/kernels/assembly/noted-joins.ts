import { u32At } from './array';
import { findShared, joinShared } from './disjoint-sets';
import { counter, reserve } from './team';

/**
 * Joins beside other threads without atomic instructions, each of which would hold up all reads behind it. A join may be lost
 * when two threads give one root a parent at once, so every join is noted, and the notes are gone through once all is joined.
 * What was found in one set was so by joins that are noted: nothing else need be looked at again. Patwary, Refsnes and Manne,
 * "Multi-core spanning forest algorithms using the disjoint-set data structure", IPDPS 2012.
 *
 * Notes lie in pieces that calls take one after the other: the number of joins, then 8 bytes a join. The counter of the team is
 * the number of pieces taken. What a call keeps for itself, `notes`, is a few words and a piece for notes that are dropped.
 */
const PIECE_BYTES: usize = 8192;
const JOIN_BYTES: usize = 8;
/** Words of `notes`: where the next join goes, where the piece ends and begins, the team, all pieces, and how many. */
const NEXT: usize = 0;
const END: usize = 4;
const PIECE: usize = 8;
const TEAM: usize = 12;
const PIECES: usize = 16;
const COUNT: usize = 20;
const SPARE: usize = 64;

/** How many pieces there are in so many words. */
// @ts-ignore: decorator
@inline
export function pieceCount(words: u32): u32 {
  return words / <u32>(PIECE_BYTES >> 2);
}

export function startNotes(notes: usize, team: usize, pieces: usize, count: u32): void {
  store<usize>(notes, 0, NEXT);
  store<usize>(notes, 0, END);
  store<usize>(notes, 0, PIECE);
  store<usize>(notes, team, TEAM);
  store<usize>(notes, pieces, PIECES);
  store<u32>(notes, count, COUNT);
}

/** Joins two roots and returns the root of both, as far as this thread knows: the smaller one. */
// @ts-ignore: decorator
@inline
export function joinNoted(parents: usize, one: u32, other: u32, notes: usize): u32 {
  const root = min(one, other);
  const below = max(one, other);
  store<u32>(parents + (<usize>below << 2), root);
  if (load<usize>(notes, NEXT) == load<usize>(notes, END)) takePiece(notes);
  const at = load<usize>(notes, NEXT);
  store<u32>(at, root);
  store<u32>(at, below, 4);
  store<usize>(notes, at + JOIN_BYTES, NEXT);
  return root;
}

function takePiece(notes: usize): void {
  closePiece(notes);
  const index = reserve(load<usize>(notes, TEAM), 1);
  const isThere = index < load<u32>(notes, COUNT);
  const piece = isThere ? load<usize>(notes, PIECES) + <usize>index * PIECE_BYTES : notes + SPARE;
  store<usize>(notes, piece, PIECE);
  store<usize>(notes, piece + JOIN_BYTES, NEXT);
  store<usize>(notes, piece + PIECE_BYTES, END);
}

/** Says how many joins the last piece has. To be done before others read it. */
export function closePiece(notes: usize): void {
  const piece = load<usize>(notes, PIECE);
  if (piece == 0) return;
  store<u32>(piece, <u32>((load<usize>(notes, NEXT) - piece) / JOIN_BYTES) - 1);
}

/** Whether notes had to be dropped. */
export function areNotesMissing(team: usize, count: u32): bool {
  return counter(team) > count;
}

/** Goes through the notes of pieces, with every vertex under its root. @returns How many joins were lost; they are done again. */
export function checkPieces(parents: usize, pieces: usize, from: u32, to: u32): u32 {
  let lost: u32 = 0;
  for (let index = from; index < to; index++) {
    const piece = pieces + <usize>index * PIECE_BYTES;
    const end = piece + JOIN_BYTES * (<usize>load<u32>(piece) + 1);
    for (let at = piece + JOIN_BYTES; at < end; at += JOIN_BYTES) {
      const one = load<u32>(at);
      const other = load<u32>(at, 4);
      if (u32At(parents, one) == u32At(parents, other)) continue;
      lost++;
      joinShared(parents, findShared(parents, one), findShared(parents, other));
    }
  }
  return lost;
}

import { f64At, setF64, setU32, u32At } from './array';
import { distinctMembers } from './distinct-members';
import { requireIncidence } from './incidence';

/** Hyperedges per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_HYPEREDGES: u32 = 4096;

/** Which two members of a hyperedge are compared: any two, the two of highest degree, those of highest and lowest. */
const KIND_ANY: u32 = 0;
const KIND_TOP: u32 = 1;

/**
 * For the correlation of the degrees x and y of two members of a hyperedge, in either order: `moments` is the sum over
 * hyperedges of two different members or more of the means of x, x² and x y, then the sums over vertices of the degree and its
 * square. A degree is a number of hyperedges; repeated members count once. Returns the number of these hyperedges.
 */
export function assortativity(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  kind: u32,
  moments: usize,
  momentsLength: u32,
  starts: usize,
  members: usize,
  stamps: usize,
  degrees: usize,
): u32 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  if (momentsLength < 5) unreachable();
  distinctMembers(edgeOffsets, edgeOffsetsLength, edgeMembers, vertexCount, starts, members, stamps);
  const total = u32At(starts, edgeOffsetsLength - 1);
  for (let i: u32 = 0; i < total; i++) {
    const member = u32At(members, i);
    setU32(degrees, member, u32At(degrees, member) + 1);
  }
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    const degree = <f64>u32At(degrees, vertex);
    setF64(moments, 3, f64At(moments, 3) + degree);
    setF64(moments, 4, f64At(moments, 4) + degree * degree);
  }
  let count: u32 = 0;
  for (let from: u32 = 0; from < edgeOffsetsLength - 1; from += BLOCK_HYPEREDGES) {
    const to = min(from + BLOCK_HYPEREDGES, edgeOffsetsLength - 1);
    count += addMoments(from, to, kind, starts, members, degrees, moments);
  }
  return count;
}

export function addMoments(
  from: u32,
  to: u32,
  kind: u32,
  starts: usize,
  members: usize,
  degrees: usize,
  moments: usize,
): u32 {
  let count: u32 = 0;
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    const first = u32At(starts, hyperedge);
    const last = u32At(starts, hyperedge + 1);
    if (last - first < 2) continue;
    count++;
    if (kind == KIND_ANY) addAll(first, last, members, degrees, moments);
    else addExtremes(first, last, kind, members, degrees, moments);
  }
  return count;
}

function addAll(first: u32, last: u32, members: usize, degrees: usize, moments: usize): void {
  let sum: f64 = 0;
  let squares: f64 = 0;
  for (let i = first; i < last; i++) {
    const degree = <f64>u32At(degrees, u32At(members, i));
    sum += degree;
    squares += degree * degree;
  }
  const size = <f64>(last - first);
  const products = (sum * sum - squares) / (size * (size - 1));
  add(moments, sum / size, squares / size, products);
}

function addExtremes(first: u32, last: u32, kind: u32, members: usize, degrees: usize, moments: usize): void {
  let largest: u32 = 0;
  let second: u32 = 0;
  let least: u32 = u32.MAX_VALUE;
  for (let i = first; i < last; i++) {
    const degree = u32At(degrees, u32At(members, i));
    if (degree > largest) {
      second = largest;
      largest = degree;
    } else if (degree > second) {
      second = degree;
    }
    if (degree < least) least = degree;
  }
  const x = <f64>largest;
  const y = <f64>(kind == KIND_TOP ? second : least);
  add(moments, (x + y) / 2, (x * x + y * y) / 2, x * y);
}

function add(moments: usize, degree: f64, square: f64, product: f64): void {
  setF64(moments, 0, f64At(moments, 0) + degree);
  setF64(moments, 1, f64At(moments, 1) + square);
  setF64(moments, 2, f64At(moments, 2) + product);
}

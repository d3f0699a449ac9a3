import { f64At, NONE, setU32, u32At } from './array';

/**
 * A binary heap of vertices, the one of least `keys[v]` on top, of equal keys the smaller vertex. `places[v]` is where v
 * stands, NONE when it is not in the heap.
 */

// @ts-ignore: decorator
@inline
function isBefore(keys: usize, one: u32, other: u32): bool {
  const a = f64At(keys, one);
  const b = f64At(keys, other);
  return a < b || (a == b && one < other);
}

/** Puts a vertex in, or moves it up after its key fell. Returns the new size. */
export function raise(heap: usize, places: usize, keys: usize, size: u32, vertex: u32): u32 {
  let place = u32At(places, vertex);
  const isNew = place == NONE;
  if (isNew) place = size;
  while (place > 0) {
    const above = (place - 1) >> 1;
    const other = u32At(heap, above);
    if (!isBefore(keys, vertex, other)) break;
    setU32(heap, place, other);
    setU32(places, other, place);
    place = above;
  }
  setU32(heap, place, vertex);
  setU32(places, vertex, place);
  return size + <u32>isNew;
}

/** Takes the top out of a heap that is not empty. */
export function takeTop(heap: usize, places: usize, keys: usize, size: u32): u32 {
  const top = u32At(heap, 0);
  const vertex = u32At(heap, size - 1);
  setU32(places, top, NONE);
  if (size == 1) return top;
  let place: u32 = 0;
  for (let below: u32 = 1; below < size - 1; below = 2 * place + 1) {
    let child = u32At(heap, below);
    if (below + 1 < size - 1 && isBefore(keys, u32At(heap, below + 1), child)) child = u32At(heap, ++below);
    if (!isBefore(keys, child, vertex)) break;
    setU32(heap, place, child);
    setU32(places, child, place);
    place = below;
  }
  setU32(heap, place, vertex);
  setU32(places, vertex, place);
  return top;
}

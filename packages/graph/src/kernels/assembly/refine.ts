import { f64At, setF64, setU32, u32At } from './array';

const BLOCK_VERTICES: u32 = 512;

/**
 * Refines a partition (Traag, Waltman and van Eck, "From Louvain to Leiden", Sci. Rep. 9 (2019), with theta towards 0,
 * so that the best merge is always taken): every vertex starts alone and joins the part within its community of greatest
 * gain, once, when both are well connected to the community. `refined` gets labels, the smallest vertex first met;
 * `outside[r]` is the weight from r to the rest of its community, `isAlone` whether a part is a single vertex.
 */
export function refine(
  count: u32,
  order: usize,
  offsets: usize,
  neighbours: usize,
  weights: usize,
  strengths: usize,
  communities: usize,
  volumes: usize,
  refined: usize,
  refinedVolumes: usize,
  outside: usize,
  isAlone: usize,
  sums: usize,
  touched: usize,
  penalty: f64,
): void {
  for (let vertex: u32 = 0; vertex < count; vertex++) {
    setU32(refined, vertex, vertex);
    setU32(isAlone, vertex, 1);
    setF64(refinedVolumes, vertex, f64At(strengths, vertex));
    let inside: f64 = 0;
    const community = u32At(communities, vertex);
    const end = u32At(offsets, vertex + 1);
    for (let arc = u32At(offsets, vertex); arc < end; arc++) {
      if (u32At(communities, u32At(neighbours, arc)) == community) inside += f64At(weights, arc);
    }
    setF64(outside, vertex, inside);
  }
  for (let from: u32 = 0; from < count; from += BLOCK_VERTICES) {
    const to = min(from + BLOCK_VERTICES, count);
    refineVertices(
      from, to, order, offsets, neighbours, weights, communities, volumes, refined, refinedVolumes, outside, isAlone, sums,
      touched, penalty,
    );
  }
}

export function refineVertices(
  from: u32,
  to: u32,
  order: usize,
  offsets: usize,
  neighbours: usize,
  weights: usize,
  communities: usize,
  volumes: usize,
  refined: usize,
  refinedVolumes: usize,
  outside: usize,
  isAlone: usize,
  sums: usize,
  touched: usize,
  penalty: f64,
): void {
  for (let turn = from; turn < to; turn++) {
    const vertex = u32At(order, turn);
    if (u32At(isAlone, vertex) == 0) continue;
    const community = u32At(communities, vertex);
    const volume = f64At(volumes, community);
    const strength = f64At(refinedVolumes, vertex);
    if (f64At(outside, vertex) < penalty * strength * (volume - strength)) continue;
    let touches: u32 = 0;
    const end = u32At(offsets, vertex + 1);
    for (let arc = u32At(offsets, vertex); arc < end; arc++) {
      const other = u32At(neighbours, arc);
      if (u32At(communities, other) != community) continue;
      const part = u32At(refined, other);
      const sum = f64At(sums, part);
      setU32(touched, touches, part);
      touches += <u32>(sum == 0);
      setF64(sums, part, sum + f64At(weights, arc));
    }
    let best = vertex;
    let most: f64 = 0;
    let shared: f64 = 0;
    for (let i: u32 = 0; i < touches; i++) {
      const part = u32At(touched, i);
      const sum = f64At(sums, part);
      setF64(sums, part, 0);
      const size = f64At(refinedVolumes, part);
      const gain = sum - penalty * strength * size;
      if (gain <= most || f64At(outside, part) < penalty * size * (volume - size)) continue;
      best = part;
      most = gain;
      shared = sum;
    }
    if (best == vertex) continue;
    setU32(refined, vertex, best);
    setU32(isAlone, best, 0);
    setF64(refinedVolumes, best, f64At(refinedVolumes, best) + strength);
    setF64(outside, best, f64At(outside, best) + f64At(outside, vertex) - 2 * shared);
  }
}

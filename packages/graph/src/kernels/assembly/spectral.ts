import { f64At, setF64, u32At } from './array';

/** Hyperedges per call of inner loops: small enough that V8 can switch to optimised code while a kernel runs. */
export const BLOCK_HYPEREDGES: u32 = 4096;

export function clearF64(base: usize, count: u32): void {
  memory.fill(base, 0, <usize>count << 3);
}

/** The sum of all values, in order. */
export function sumOf(values: usize, count: u32): f64 {
  let sum: f64 = 0;
  for (let i: u32 = 0; i < count; i++) sum += f64At(values, i);
  return sum;
}

/** Divides all values by `divisor`. */
export function divideAll(values: usize, count: u32, divisor: f64): void {
  for (let i: u32 = 0; i < count; i++) setF64(values, i, f64At(values, i) / divisor);
}

// @ts-ignore: decorator
@inline
export function addF64(base: usize, index: u32, value: f64): void {
  setF64(base, index, f64At(base, index) + value);
}

/**
 * Adds to the sums of each vertex the values of the other members of its hyperedges, each once per hyperedge: the
 * product with the adjacency of the clique expansion, weighted by multiplicity. Hyperedges from `from` to `to`.
 */
export function addOthers(starts: usize, members: usize, from: u32, to: u32, values: usize, sums: usize): void {
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    const begin = u32At(starts, hyperedge);
    const end = u32At(starts, hyperedge + 1);
    let total: f64 = 0;
    for (let i = begin; i < end; i++) total += f64At(values, u32At(members, i));
    for (let i = begin; i < end; i++) {
      const member = u32At(members, i);
      addF64(sums, member, total - f64At(values, member));
    }
  }
}

/**
 * Adds to the sums of each vertex, for each of its hyperedges, the product of the values of the other members: the
 * product of the adjacency tensor with all its sides but one, short of a factor (size - 1)!. `before` has room for a
 * product per member of the largest hyperedge.
 */
export function addProducts(
  starts: usize,
  members: usize,
  from: u32,
  to: u32,
  values: usize,
  sums: usize,
  before: usize,
): void {
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    const begin = u32At(starts, hyperedge);
    const size = u32At(starts, hyperedge + 1) - begin;
    let product: f64 = 1;
    for (let i: u32 = 0; i < size; i++) {
      setF64(before, i, product);
      product *= f64At(values, u32At(members, begin + i));
    }
    product = 1;
    for (let i = size; i > 0; ) {
      const member = u32At(members, begin + --i);
      addF64(sums, member, f64At(before, i) * product);
      product *= f64At(values, member);
    }
  }
}

/**
 * Adds to the sums of each vertex, for each of its hyperedges and each other member, the value of that in `direction`
 * times the product of the values of the rest: the product of the matrix that the adjacency tensor leaves after all
 * its sides but two, short of a factor (size - 2)!, with `direction`. Products and their derivatives are carried along
 * together. `before` has room for two numbers per member of the largest hyperedge.
 */
export function addDerivatives(
  starts: usize,
  members: usize,
  from: u32,
  to: u32,
  values: usize,
  direction: usize,
  sums: usize,
  before: usize,
): void {
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    const begin = u32At(starts, hyperedge);
    const size = u32At(starts, hyperedge + 1) - begin;
    let product: f64 = 1;
    let derivative: f64 = 0;
    for (let i: u32 = 0; i < size; i++) {
      setF64(before, 2 * i, product);
      setF64(before, 2 * i + 1, derivative);
      const member = u32At(members, begin + i);
      derivative = derivative * f64At(values, member) + product * f64At(direction, member);
      product *= f64At(values, member);
    }
    product = 1;
    derivative = 0;
    for (let i = size; i > 0; ) {
      const member = u32At(members, begin + --i);
      addF64(sums, member, f64At(before, 2 * i) * derivative + f64At(before, 2 * i + 1) * product);
      derivative = derivative * f64At(values, member) + product * f64At(direction, member);
      product *= f64At(values, member);
    }
  }
}

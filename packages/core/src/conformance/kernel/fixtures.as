// The kernel fixtures: AssemblyScript, following docs/kernels.md. Offsets are bytes, lengths are elements.

/** Sum in index order, so that every host gets the same bits. */
export function sum(values: usize, length: i32): f64 {
  let total: f64 = 0;
  for (let index = 0; index < length; index++) total += load<f64>(values + ((<usize>index) << 3));
  return total;
}

/** out[i] = scale * x[i] + y[i]. */
export function saxpy(scale: f32, x: usize, xLength: i32, y: usize, yLength: i32, out: usize, outLength: i32): void {
  for (let index = 0; index < outLength; index++) {
    const offset = (<usize>index) << 2;
    store<f32>(out + offset, scale * load<f32>(x + offset) + load<f32>(y + offset));
  }
}

/** Counts in the scratch array, to show that the host zeroed it: returns the sum of what it found there. */
export function scratchSum(length: u32, scratch: usize): i32 {
  let found: i32 = 0;
  for (let index: u32 = 0; index < length; index++) {
    const at = scratch + ((<usize>index) << 2);
    found += load<i32>(at);
    store<i32>(at, index + 1);
  }
  return found;
}

/** Every byte with its bits turned over, to try the small element types. */
export function invert(bytes: usize, length: i32, out: usize, outLength: i32): i32 {
  for (let index = 0; index < length; index++) store<u8>(out + index, ~load<u8>(bytes + index));
  return outLength;
}

export function trap(): void {
  unreachable();
}

export { __heap_base };

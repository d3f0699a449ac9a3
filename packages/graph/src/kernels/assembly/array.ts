/** Typed access to flat arrays in linear memory, the value that means "none", and the checks of an incidence. */

/** Marks an index or a label that does not exist. */
export const NONE: u32 = 0xffff_ffff;

// @ts-ignore: decorator
@inline
export function u32At(base: usize, index: u32): u32 {
  return load<u32>(base + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
export function setU32(base: usize, index: u32, value: u32): void {
  store<u32>(base + (<usize>index << 2), value);
}

// @ts-ignore: decorator
@inline
export function i32At(base: usize, index: u32): i32 {
  return load<i32>(base + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
export function setI32(base: usize, index: u32, value: i32): void {
  store<i32>(base + (<usize>index << 2), value);
}

// @ts-ignore: decorator
@inline
export function f64At(base: usize, index: u32): f64 {
  return load<f64>(base + (<usize>index << 3));
}

// @ts-ignore: decorator
@inline
export function setF64(base: usize, index: u32, value: f64): void {
  store<f64>(base + (<usize>index << 3), value);
}

/** Sets `count` u32 values to 0. */
// @ts-ignore: decorator
@inline
export function clearU32(base: usize, count: u32): void {
  memory.fill(base, 0, <usize>count << 2);
}

/** Byte address of the element `index` of a u32 array. */
// @ts-ignore: decorator
@inline
export function u32Address(base: usize, index: u32): usize {
  return base + (<usize>index << 2);
}

/** Objects of WebAssembly as declarations name them: only the type library of browsers has the namespace. */

/** A `WebAssembly.Memory`. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
  grow(deltaPages: number): number;
}

/** A `WebAssembly.Module`. */
export type WasmModule = object;

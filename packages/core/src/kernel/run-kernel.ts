/**
 * Runs kernels in this thread. `runKernel` does a whole call; a host that runs calls in other threads uses
 * `placeSharedCall` where the memory is owned and `callKernel` where the kernel runs.
 */
import type { KernelScalarType, KernelSignature } from '../contract/index.js';
import { AnantError } from '../error/index.js';
import { KERNEL_ALIGN_BYTES, type KernelArray, viewOf } from './kernel-arrays.js';
import {
  bumpPlacer,
  type KernelLayout,
  layoutKernelCall,
  notInMemory,
  type PlacedSlot,
} from './kernel-layout.js';
import { KernelMemory, outOfMemory, PAGE_BYTES, pagesOf } from './kernel-memory.js';
import { type KernelModule, kernelInvalid } from './kernel-module.js';
import { checkKernel } from './kernel-signature.js';
import type { WasmMemory } from './wasm-objects.js';

/** One exported function of a compiled module. */
export interface KernelFunction {
  readonly kernel: KernelModule;
  readonly export: string;
  readonly signature: KernelSignature;
}

/** Every `out` array by name, and `result` when the signature returns a value. */
export type KernelResult = Record<string, KernelArray | number>;

interface Host {
  readonly memory: WebAssembly.Memory;
  readonly instance: WebAssembly.Instance;
}

/** Memories larger than this are not kept for the next call. */
const KEPT_BYTES_MAX = 67_108_864;
const kept = new WeakMap<WebAssembly.Module, Host>();
/** Instances of modules without state: to make one takes longer than a small kernel runs. */
const instances = new WeakMap<WebAssembly.Memory, WeakMap<WebAssembly.Module, WebAssembly.Instance>>();

/**
 * Checks, lays out, runs and reads one call. When an `in` array is a view of a `KernelMemory`, the kernel runs on
 * that memory: its views are used in place and `out` arrays are views that the caller gives back with `free`.
 * @throws AnantError `E_KERNEL_INVALID`, `E_KERNEL_TRAP`, `E_OUT_OF_MEMORY`
 */
export function runKernel(target: KernelFunction, input: unknown): KernelResult {
  const shared = placeSharedCall(target, input);
  if (!shared) return runPrivately(target, input);
  let returned: number | undefined;
  try {
    returned = callKernel(target, shared.memory.memory, shared.layout.arguments);
  } catch (error) {
    shared.abandon();
    throw error;
  }
  return shared.finish(returned);
}

function runPrivately(target: KernelFunction, input: unknown): KernelResult {
  const { kernel, signature } = target;
  checkKernel(kernel, target.export, signature);
  const placer = bumpPlacer(kernel.heapBase);
  const layout = layoutKernelCall(signature, input, placer.place);
  const idle = kept.get(kernel.module);
  kept.delete(kernel.module);
  const host = idle ?? startHost(kernel, pagesOf(placer.endBytes()));
  growTo(host.memory, kernel, placer.endBytes());
  const { buffer } = host.memory;
  for (const slot of layout.slots) {
    if (slot.source) viewOf(slot.type, buffer, slot.byteOffset, slot.length).set(slot.source);
    else if (idle && !slot.isDirty) zero(buffer, slot);
  }
  const returned = invoke(host.instance, target, layout.arguments);
  const result: KernelResult = {};
  for (const slot of outSlots(layout)) {
    result[slot.name] = viewOf(slot.type, copyBytes(host.memory, slot), 0, slot.length);
  }
  if (!kernel.isStateful && host.memory.buffer.byteLength <= KEPT_BYTES_MAX) kept.set(kernel.module, host);
  return withReturned(result, returned);
}

/** By words, as in `KernelMemory`: arrays are padded, so the last word is theirs. */
function zero(buffer: ArrayBufferLike, { byteOffset, bytes }: PlacedSlot): void {
  new Float64Array(buffer, byteOffset, Math.ceil(bytes / 8)).fill(0);
}

function copyBytes(memory: WebAssembly.Memory, slot: PlacedSlot): ArrayBuffer {
  const copy = new ArrayBuffer(slot.bytes);
  new Uint8Array(copy).set(new Uint8Array(memory.buffer, slot.byteOffset, slot.bytes));
  return copy;
}

/** A call laid out on the caller's own memory. Ends with exactly one of `finish` and `abandon`. */
export interface SharedKernelCall {
  readonly memory: KernelMemory;
  readonly layout: KernelLayout;
  /** The result, with `out` arrays as views of the memory; gives scratch and copied inputs back. */
  finish(returned: number | undefined): KernelResult;
  /** Gives back everything the call allocated. Only once nothing runs on it any more. */
  abandon(): void;
}

/**
 * Lays a call out on the `KernelMemory` that its `in` arrays are views of. Arrays that are elsewhere, or not
 * aligned, are copied in.
 * @param otherwise makes the memory to use when no array is such a view, or they belong to several memories.
 * @returns `undefined` when there is no memory to use.
 * @throws AnantError `E_KERNEL_INVALID`, `E_OUT_OF_MEMORY`
 */
export function placeSharedCall(
  target: KernelFunction,
  input: unknown,
  otherwise?: () => KernelMemory,
): SharedKernelCall | undefined {
  const memory = sharedMemoryOf(target.signature, input) ?? otherwise?.();
  if (!memory) return undefined;
  checkKernel(target.kernel, target.export, target.signature);
  checkFits(target.kernel, memory);
  memory.growTo(target.kernel.initialPages * PAGE_BYTES);
  const allocated = new Map<string, number>();
  const abandon = () => {
    for (const byteOffset of allocated.values()) memory.freeBytes(byteOffset);
    allocated.clear();
  };
  let layout: KernelLayout;
  try {
    layout = layoutKernelCall(target.signature, input, (slot) => {
      if (slot.source && isInPlace(slot.source, memory)) return slot.source.byteOffset;
      if (slot.role === 'shared') throw notInMemory(slot.name);
      const byteOffset = slot.isDirty ? memory.takeBytes(slot.bytes) : memory.allocateBytes(slot.bytes);
      allocated.set(slot.name, byteOffset);
      return byteOffset;
    });
  } catch (error) {
    abandon();
    throw error;
  }
  for (const { name, type, byteOffset, length, source } of layout.slots) {
    if (source && allocated.has(name)) viewOf(type, memory.buffer, byteOffset, length).set(source);
  }
  return { memory, layout, abandon, finish: (returned) => finishShared(memory, layout, allocated, returned) };
}

function finishShared(
  memory: KernelMemory,
  layout: KernelLayout,
  allocated: Map<string, number>,
  returned: number | undefined,
): KernelResult {
  const result: KernelResult = {};
  for (const slot of outSlots(layout)) {
    result[slot.name] = viewOf(slot.type, memory.buffer, slot.byteOffset, slot.length);
    allocated.delete(slot.name);
  }
  for (const byteOffset of allocated.values()) memory.freeBytes(byteOffset);
  allocated.clear();
  return withReturned(result, returned);
}

/** The one memory that every array passed that is inside any `KernelMemory` is a view of. */
export function sharedMemoryOf(signature: KernelSignature, input: unknown): KernelMemory | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  let found: KernelMemory | undefined;
  for (const { name, role } of signature.parameters) {
    const value = role === 'in' || role === 'shared' ? (input as Record<string, unknown>)[name] : undefined;
    const memory = ArrayBuffer.isView(value) ? KernelMemory.of(value) : undefined;
    if (memory && found && memory !== found) return undefined;
    found ??= memory;
  }
  return found;
}

const isInPlace = (array: KernelArray, memory: KernelMemory): boolean =>
  KernelMemory.of(array) === memory && array.byteOffset % KERNEL_ALIGN_BYTES === 0;

function checkFits(kernel: KernelModule, memory: KernelMemory): void {
  if (kernel.heapBase > memory.reservedBytes) {
    throw kernelInvalid(
      `The kernel keeps ${kernel.heapBase} bytes for itself, but its memory reserves ${memory.reservedBytes} (reservedBytes).`,
    );
  }
  if (kernel.maximumPages < memory.maximumPages) {
    throw kernelInvalid(
      `The kernel accepts memories of at most ${kernel.maximumPages} pages, but this one may grow to ${memory.maximumPages} (maximumBytes).`,
    );
  }
}

/**
 * Calls the function of an instance of the module on `memory`, with arguments that are already laid out.
 * @returns What the function returned, if it returns anything.
 * @throws AnantError `E_KERNEL_TRAP`
 */
export function callKernel(
  target: KernelFunction,
  memory: WasmMemory,
  callArguments: readonly number[],
): number | undefined {
  return invoke(instanceOn(target.kernel, memory), target, callArguments);
}

function instanceOn(kernel: KernelModule, memory: WebAssembly.Memory): WebAssembly.Instance {
  if (kernel.isStateful) return instantiate(kernel, memory);
  const known = instances.get(memory) ?? new WeakMap<WebAssembly.Module, WebAssembly.Instance>();
  const instance = known.get(kernel.module) ?? instantiate(kernel, memory);
  instances.set(memory, known.set(kernel.module, instance));
  return instance;
}

function startHost(kernel: KernelModule, pages: number): Host {
  const initial = Math.max(pages, kernel.initialPages);
  if (initial > kernel.maximumPages) throw outOfMemory(initial * PAGE_BYTES, kernel.maximumPages);
  let memory: WebAssembly.Memory;
  try {
    memory = new WebAssembly.Memory({ initial, maximum: kernel.maximumPages, shared: true });
  } catch (cause) {
    throw outOfMemory(initial * PAGE_BYTES, kernel.maximumPages, cause);
  }
  return { memory, instance: instantiate(kernel, memory) };
}

function growTo(memory: WebAssembly.Memory, kernel: KernelModule, bytes: number): void {
  const missing = pagesOf(bytes) - memory.buffer.byteLength / PAGE_BYTES;
  if (missing <= 0) return;
  if (pagesOf(bytes) > kernel.maximumPages) throw outOfMemory(bytes, kernel.maximumPages);
  try {
    memory.grow(missing);
  } catch (cause) {
    throw outOfMemory(bytes, kernel.maximumPages, cause);
  }
}

function instantiate(kernel: KernelModule, memory: WebAssembly.Memory): WebAssembly.Instance {
  const abort = (_message: number, _file: number, line: number, column: number): never => {
    throw new AnantError(
      'E_KERNEL_TRAP',
      `The kernel aborted at line ${line}, column ${column} of its source.`,
    );
  };
  try {
    return new WebAssembly.Instance(kernel.module, { env: { memory, abort } });
  } catch (cause) {
    if (AnantError.is(cause)) throw cause;
    throw kernelInvalid('The kernel module could not be instantiated.', cause);
  }
}

function invoke(
  instance: WebAssembly.Instance,
  target: KernelFunction,
  callArguments: readonly number[],
): number | undefined {
  const call = instance.exports[target.export] as (...values: number[]) => number | undefined;
  try {
    return toReturned(target.signature.returns, call(...callArguments));
  } catch (cause) {
    if (AnantError.is(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AnantError('E_KERNEL_TRAP', `The kernel "${target.export}" trapped: ${reason}.`, { cause });
  }
}

const toReturned = (type: KernelScalarType | undefined, value: number | undefined): number | undefined =>
  type === 'u32' ? value! >>> 0 : value;

const outSlots = (layout: KernelLayout): readonly PlacedSlot[] =>
  layout.slots.filter(({ role }) => role === 'out');

const withReturned = (result: KernelResult, returned: number | undefined): KernelResult =>
  returned === undefined ? result : { ...result, result: returned };

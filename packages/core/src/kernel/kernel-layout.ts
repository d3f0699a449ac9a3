/** Turns an input into the arguments of a kernel call: strict conversion and the place of every array. Touches no memory. */
import type {
  KernelArrayType,
  KernelParameter,
  KernelScalarType,
  KernelSignature,
} from '../contract/index.js';
import { alignUp, elementBytes, isArrayOf, isArrayType, type KernelArray } from './kernel-arrays.js';
import { kernelInvalid } from './kernel-module.js';
import { resolveLength } from './kernel-signature.js';

/** One array of a call, before and after it has a place. */
export interface KernelSlot {
  readonly name: string;
  readonly role: KernelParameter['role'];
  readonly type: KernelArrayType;
  /** In elements. */
  readonly length: number;
  readonly bytes: number;
  /** What the caller passed, for `in` and `shared`. */
  readonly source?: KernelArray;
  /** Whether it may hold anything at the start. */
  readonly isDirty: boolean;
}

export interface PlacedSlot extends KernelSlot {
  readonly byteOffset: number;
}

export interface KernelLayout {
  /** Ready for the exported function, in call order. */
  readonly arguments: readonly number[];
  readonly slots: readonly PlacedSlot[];
}

/**
 * Lays a call out.
 * @param place Chooses the byte offset of an array, 64-byte aligned; called in signature order.
 * @throws AnantError `E_KERNEL_INVALID` naming the parameter that does not fit.
 */
export function layoutKernelCall(
  signature: KernelSignature,
  input: unknown,
  place: (slot: KernelSlot) => number,
): KernelLayout {
  const values = inputFields(signature, input);
  const known = knownLengths(signature, values);
  const callArguments: number[] = [];
  const slots: PlacedSlot[] = [];
  for (const parameter of signature.parameters) {
    const { name, role, type } = parameter;
    if (!isArrayType(type)) {
      callArguments.push(known.get(name)!);
      continue;
    }
    const length = role === 'in' ? known.get(name)! : resolveLength(name, parameter.length, known);
    if (role === 'shared') checkLength(name, known.get(name)!, length);
    known.set(name, length);
    const slot: KernelSlot = {
      name,
      role,
      type,
      length,
      bytes: length * elementBytes(type),
      isDirty: (role === 'scratch' || role === 'out') && parameter.contents === 'any',
      ...(isGiven(role) && { source: values[name] as KernelArray }),
    };
    const byteOffset = place(slot);
    callArguments.push(byteOffset);
    if (role === 'in' || role === 'out') callArguments.push(length);
    slots.push({ ...slot, byteOffset });
  }
  return { arguments: callArguments, slots };
}

/** Places arrays one after the other from `heapBase`; `endBytes` is where the last one ends. */
export function bumpPlacer(heapBase: number): {
  readonly place: (slot: KernelSlot) => number;
  readonly endBytes: () => number;
} {
  let end = alignUp(heapBase);
  return {
    place(slot) {
      if (slot.role === 'shared') throw notInMemory(slot.name);
      const byteOffset = end;
      end = alignUp(end + slot.bytes);
      return byteOffset;
    },
    endBytes: () => end,
  };
}

/** Whether the caller passes a parameter of this role. */
const isGiven = (role: KernelParameter['role']): boolean => role === 'in' || role === 'shared';

function checkLength(name: string, length: number, declared: number): void {
  if (length === declared) return;
  throw kernelInvalid(`The shared array "${name}" has ${length} elements, but its length is ${declared}.`);
}

/** A `shared` array that the kernel could not use in place. */
export function notInMemory(name: string): Error {
  return kernelInvalid(
    `The shared array "${name}" must be an aligned view of the one KernelMemory that the kernel runs on.`,
  );
}

function inputFields(signature: KernelSignature, input: unknown): Readonly<Record<string, unknown>> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw kernelInvalid('The input of a kernel must be an object with a field for every "in" parameter.');
  }
  const wanted = new Set(signature.parameters.filter(({ role }) => isGiven(role)).map(({ name }) => name));
  for (const name of Object.keys(input)) {
    if (!wanted.has(name)) {
      throw kernelInvalid(`The input has a field "${name}", which the signature does not list as "in".`);
    }
  }
  return input as Readonly<Record<string, unknown>>;
}

/** Values of all scalars and lengths of all arrays that are passed, each checked against its type. */
function knownLengths(
  signature: KernelSignature,
  values: Readonly<Record<string, unknown>>,
): Map<string, number> {
  const known = new Map<string, number>();
  for (const { name, role, type } of signature.parameters) {
    if (!isGiven(role)) continue;
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (!isArrayType(type)) {
      known.set(name, checkScalar(name, type, value));
    } else if (isArrayOf(type, value)) {
      known.set(name, value.length);
    } else {
      throw kernelInvalid(`The input "${name}" must be ${article(type)}, not ${describe(value)}.`);
    }
  }
  return known;
}

const RANGES = { i32: [-0x8000_0000, 0x7fff_ffff], u32: [0, 0xffff_ffff] } as const;

function checkScalar(name: string, type: KernelScalarType, value: unknown): number {
  const isFloat = type === 'f32' || type === 'f64';
  if (typeof value !== 'number' || (!isFloat && !Number.isInteger(value))) {
    throw kernelInvalid(
      `The input "${name}" must be ${isFloat ? 'a number' : 'an integer'}, not ${describe(value)}.`,
    );
  }
  if (!isFloat && (value < RANGES[type][0] || value > RANGES[type][1])) {
    throw kernelInvalid(`The input "${name}" is ${value}, outside the range of ${type}.`);
  }
  return value;
}

const NAMES: Readonly<Record<KernelArrayType, string>> = {
  'u8[]': 'a Uint8Array',
  'u16[]': 'a Uint16Array',
  'i32[]': 'an Int32Array',
  'u32[]': 'a Uint32Array',
  'f32[]': 'a Float32Array',
  'f64[]': 'a Float64Array',
};
const article = (type: KernelArrayType): string => NAMES[type];

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'object') return `a value of type ${value.constructor?.name ?? 'object'}`;
  return typeof value === 'string' ? 'a string' : `${typeof value} ${String(value)}`;
}

/** Checks a signature by itself and against the function it describes, and resolves array lengths. */
import type { KernelLength, KernelParameter, KernelSignature } from '../contract/index.js';
import { isArrayType } from './kernel-arrays.js';
import { type KernelModule, kernelInvalid } from './kernel-module.js';
import type { WasmValueType } from './wasm-reader.js';

const SCALARS = ['i32', 'u32', 'f32', 'f64'];
const ROLES = ['in', 'out', 'scratch', 'shared'];
const checked = new WeakMap<KernelSignature, WeakMap<WebAssembly.Module, Set<string>>>();

/**
 * Checks that `exportName` exists and takes and returns what `signature` says; remembers what it found good.
 * @throws AnantError `E_KERNEL_INVALID`
 */
export function checkKernel(kernel: KernelModule, exportName: string, signature: KernelSignature): void {
  let modules = checked.get(signature);
  if (!modules) {
    checkSignature(signature);
    modules = new WeakMap();
    checked.set(signature, modules);
  }
  const names = modules.get(kernel.module) ?? new Set();
  if (names.has(exportName)) return;
  checkFunction(kernel, exportName, signature);
  modules.set(kernel.module, names.add(exportName));
}

function checkSignature(signature: KernelSignature): void {
  const names = new Set<string>(signature.returns ? ['result'] : []);
  if (signature.returns && !SCALARS.includes(signature.returns)) {
    throw kernelInvalid(`The signature returns "${signature.returns}", which is not a scalar type.`);
  }
  for (const parameter of signature.parameters) {
    const { name, role, type } = parameter;
    if (names.has(name)) throw kernelInvalid(`The signature uses the name "${name}" twice.`);
    names.add(name);
    if (!ROLES.includes(role)) throw kernelInvalid(`The parameter "${name}" has the unknown role "${role}".`);
    if (!isArrayType(type) && !(role === 'in' && SCALARS.includes(type))) {
      throw kernelInvalid(`The parameter "${name}" has the type "${type}", which "${role}" does not allow.`);
    }
  }
}

function checkFunction(kernel: KernelModule, exportName: string, signature: KernelSignature): void {
  const type = kernel.functions.get(exportName);
  if (!type) throw kernelInvalid(`The kernel does not export a function "${exportName}".`);
  const parameters = signature.parameters.flatMap(wasmTypes);
  const results = signature.returns ? [wasmType(signature.returns)] : [];
  if (parameters.join() !== type.parameters.join() || results.join() !== type.results.join()) {
    throw kernelInvalid(
      `The kernel's "${exportName}" is (${type.parameters}) -> (${type.results}), ` +
        `but its signature needs (${parameters}) -> (${results}).`,
    );
  }
}

function wasmTypes({ role, type }: KernelParameter): WasmValueType[] {
  if (!isArrayType(type)) return [wasmType(type)];
  return role === 'scratch' || role === 'shared' ? ['i32'] : ['i32', 'i32'];
}

const wasmType = (type: string): WasmValueType => (type === 'u32' ? 'i32' : (type as WasmValueType));

/**
 * Length of an array in elements.
 * @param known Lengths of arrays and values of scalars that are known so far, by parameter name.
 */
export function resolveLength(
  name: string,
  length: KernelLength,
  known: ReadonlyMap<string, number>,
): number {
  const elements = typeof length === 'number' ? length : derivedLength(name, length, known);
  if (!Number.isSafeInteger(elements) || elements < 0) {
    throw kernelInvalid(
      `The length of "${name}" comes out as ${elements}; it must be a whole number from 0.`,
    );
  }
  return elements;
}

function derivedLength(
  name: string,
  length: Exclude<KernelLength, number>,
  known: ReadonlyMap<string, number>,
): number {
  const base = known.get(length.of);
  if (base === undefined) {
    throw kernelInvalid(
      `The length of "${name}" refers to "${length.of}", which is neither an input nor an array before it.`,
    );
  }
  return base * (length.times ?? 1) + (length.plus ?? 0);
}

/** A compiled WebAssembly module, checked against the kernel ABI once (`docs/kernels.md`). Can be sent to threads. */
import { AnantError } from '../error/index.js';
import type { WasmModule } from './wasm-objects.js';
import { readWasm, type WasmFunctionType, type WasmImport, type WasmShape } from './wasm-reader.js';

export interface KernelModule {
  readonly module: WasmModule;
  /** First byte that does not belong to the module. */
  readonly heapBase: number;
  /** Size that the module needs its memory to have at least, in pages. */
  readonly initialPages: number;
  /** Largest maximum that the module accepts of its memory, in pages. */
  readonly maximumPages: number;
  /** Types of the exported functions, by name. */
  readonly functions: ReadonlyMap<string, WasmFunctionType>;
  /**
   * True when the module writes data below `heapBase` or has variables: it must not run twice at once on one
   * memory, nor keep its instance from call to call.
   */
  readonly isStateful: boolean;
}

const ABORT_PARAMETERS = 'i32,i32,i32,i32';
const ADVICE = 'Build the module for the kernel ABI, version 1; the rules are in docs/kernels.md.';

/** @throws AnantError `E_KERNEL_INVALID`, naming the import or export that does not fit. */
export function compileKernel(bytes: Uint8Array): KernelModule {
  const module = compile(bytes);
  const shape = read(bytes);
  const memory = checkImports(shape.imports);
  return {
    module,
    heapBase: heapBaseOf(shape),
    initialPages: memory.initial,
    maximumPages: memory.maximum,
    functions: exportedFunctions(shape),
    isStateful: shape.hasData || shape.globals.some(({ mutable }) => mutable),
  };
}

export function kernelInvalid(message: string, cause?: unknown): AnantError<'E_KERNEL_INVALID'> {
  return new AnantError('E_KERNEL_INVALID', message, {
    advice: ADVICE,
    ...(cause !== undefined && { cause }),
  });
}

function compile(bytes: Uint8Array): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    throw kernelInvalid('The kernel is not a valid WebAssembly module.', cause);
  }
}

function read(bytes: Uint8Array): WasmShape {
  try {
    return readWasm(bytes);
  } catch (cause) {
    throw kernelInvalid('The kernel uses a part of WebAssembly outside the kernel ABI.', cause);
  }
}

function checkImports(imports: readonly WasmImport[]): { initial: number; maximum: number } {
  let memory: { initial: number; maximum: number } | undefined;
  for (const item of imports) {
    const name = `"${item.module}.${item.name}"`;
    if (item.module === 'env' && item.name === 'memory' && item.limits) {
      const { initial, maximum, shared, is64 } = item.limits;
      if (!shared || maximum === undefined) {
        throw kernelInvalid(
          'The kernel must import "env.memory" as a shared memory with a declared maximum.',
        );
      }
      if (is64) throw kernelInvalid('The kernel imports "env.memory" as a 64-bit memory; it must be 32-bit.');
      memory = { initial, maximum };
    } else if (item.module === 'env' && item.name === 'abort' && item.type) {
      const { parameters, results } = item.type;
      if (parameters.join() !== ABORT_PARAMETERS || results.length > 0) {
        throw kernelInvalid('The import "env.abort" must take four i32 and return nothing.');
      }
    } else {
      throw kernelInvalid(
        `The kernel imports the ${item.kind} ${name}; only "env.memory" and "env.abort" exist.`,
      );
    }
  }
  if (!memory) throw kernelInvalid('The kernel does not import "env.memory".');
  return memory;
}

function heapBaseOf(shape: WasmShape): number {
  const entry = shape.exports.get('__heap_base');
  const global = entry?.kind === 3 ? shape.globals[entry.index] : undefined;
  if (global?.i32 === undefined || global.mutable) {
    throw kernelInvalid(
      'The kernel does not export "__heap_base" as an immutable i32 global with a constant value.',
    );
  }
  return global.i32;
}

function exportedFunctions(shape: WasmShape): ReadonlyMap<string, WasmFunctionType> {
  const functions = new Map<string, WasmFunctionType>();
  for (const [name, { kind, index }] of shape.exports) {
    const type = kind === 0 ? shape.functions[index] : undefined;
    if (type) functions.set(name, type);
  }
  return functions;
}

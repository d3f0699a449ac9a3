/**
 * Reads from a WebAssembly binary what the JavaScript interface does not tell: limits of the imported memory,
 * function types, and whether a module keeps state. Expects bytes that already passed validation.
 */

/** Value types that the kernel ABI knows, and `other` for the rest. */
export type WasmValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'other';

export interface WasmFunctionType {
  readonly parameters: readonly WasmValueType[];
  readonly results: readonly WasmValueType[];
}

export interface WasmImport {
  readonly module: string;
  readonly name: string;
  readonly kind: 'function' | 'table' | 'memory' | 'global' | 'other';
  /** Of a function. */
  readonly type?: WasmFunctionType;
  /** Of a memory. */
  readonly limits?: WasmLimits;
}

export interface WasmLimits {
  readonly initial: number;
  readonly maximum: number | undefined;
  readonly shared: boolean;
  readonly is64: boolean;
}

export interface WasmGlobal {
  readonly mutable: boolean;
  /** Its value when it starts as a plain `i32.const`. */
  readonly i32: number | undefined;
}

export interface WasmShape {
  readonly imports: readonly WasmImport[];
  readonly functions: readonly WasmFunctionType[];
  readonly globals: readonly WasmGlobal[];
  readonly exports: ReadonlyMap<string, { readonly kind: number; readonly index: number }>;
  /** True when instantiating the module writes into its memory. */
  readonly hasData: boolean;
}

const SECTION = { type: 1, import: 2, function: 3, global: 6, export: 7, data: 11 } as const;
const VALUE_TYPES: Readonly<Record<number, WasmValueType>> = {
  127: 'i32',
  126: 'i64',
  125: 'f32',
  124: 'f64',
};
const FUNCTION_FORM = 0x60;
const HEADER_BYTES = 8;

/** @throws SyntaxError when the module uses a part of the format newer than this reader. */
export function readWasm(bytes: Uint8Array): WasmShape {
  const cursor = new Cursor(bytes, HEADER_BYTES);
  const types: WasmFunctionType[] = [];
  const imports: WasmImport[] = [];
  const functions: WasmFunctionType[] = [];
  const globals: WasmGlobal[] = [];
  const exports = new Map<string, { kind: number; index: number }>();
  let hasData = false;
  while (!cursor.atEnd) {
    const id = cursor.byte();
    const end = cursor.u32() + cursor.offset;
    if (id === SECTION.type) cursor.list(() => types.push(readFunctionType(cursor)));
    if (id === SECTION.import) {
      cursor.list(() => imports.push(readImport(cursor, types)));
      functions.push(...imports.flatMap(({ kind, type }) => (kind === 'function' && type ? [type] : [])));
    }
    if (id === SECTION.function) cursor.list(() => functions.push(types[cursor.u32()]!));
    if (id === SECTION.global) cursor.list(() => globals.push(readGlobal(cursor)));
    if (id === SECTION.export) {
      cursor.list(() => exports.set(cursor.name(), { kind: cursor.byte(), index: cursor.u32() }));
    }
    if (id === SECTION.data) hasData = cursor.u32() > 0;
    cursor.offset = end;
  }
  return { imports, functions, globals, exports, hasData };
}

function readFunctionType(cursor: Cursor): WasmFunctionType {
  const form = cursor.byte();
  if (form !== FUNCTION_FORM) throw new SyntaxError(`type form 0x${form.toString(16)} is not supported`);
  const parameters: WasmValueType[] = [];
  const results: WasmValueType[] = [];
  cursor.list(() => parameters.push(readValueType(cursor)));
  cursor.list(() => results.push(readValueType(cursor)));
  return { parameters, results };
}

function readValueType(cursor: Cursor): WasmValueType {
  const code = cursor.byte();
  if (code === 0x63 || code === 0x64) cursor.s64();
  return VALUE_TYPES[code] ?? 'other';
}

function readImport(cursor: Cursor, types: readonly WasmFunctionType[]): WasmImport {
  const module = cursor.name();
  const name = cursor.name();
  const kind = cursor.byte();
  if (kind === 0) return { module, name, kind: 'function', type: types[cursor.u32()]! };
  if (kind === 2) return { module, name, kind: 'memory', limits: readLimits(cursor) };
  if (kind === 1) {
    readValueType(cursor);
    readLimits(cursor);
    return { module, name, kind: 'table' };
  }
  if (kind === 3) {
    readValueType(cursor);
    cursor.byte();
    return { module, name, kind: 'global' };
  }
  cursor.byte();
  cursor.u32();
  return { module, name, kind: 'other' };
}

function readLimits(cursor: Cursor): WasmLimits {
  const flags = cursor.byte();
  const initial = cursor.u32();
  const maximum = flags & 1 ? cursor.u32() : undefined;
  return { initial, maximum, shared: (flags & 2) !== 0, is64: (flags & 4) !== 0 };
}

function readGlobal(cursor: Cursor): WasmGlobal {
  readValueType(cursor);
  const mutable = cursor.byte() === 1;
  const start = cursor.offset;
  const opcode = cursor.byte();
  const value = opcode === 0x41 ? Number(cursor.s64()) : undefined;
  const isPlain = value !== undefined && cursor.byte() === 0x0b;
  cursor.offset = start;
  skipConstantExpression(cursor);
  return { mutable, i32: isPlain ? value >>> 0 : undefined };
}

function skipConstantExpression(cursor: Cursor): void {
  for (let opcode = cursor.byte(); opcode !== 0x0b; opcode = cursor.byte()) {
    if (opcode === 0x43) cursor.offset += 4;
    else if (opcode === 0x44) cursor.offset += 8;
    else if (opcode === 0xfd) {
      cursor.u32();
      cursor.offset += 16;
    } else if (opcode === 0x41 || opcode === 0x42 || opcode === 0x23 || opcode === 0xd0 || opcode === 0xd2) {
      cursor.s64();
    } else if (!(opcode >= 0x6a && opcode <= 0x6c) && !(opcode >= 0x7c && opcode <= 0x7e)) {
      throw new SyntaxError(`constant instruction 0x${opcode.toString(16)} is not supported`);
    }
  }
}

class Cursor {
  constructor(
    readonly bytes: Uint8Array,
    public offset: number,
  ) {}

  get atEnd(): boolean {
    return this.offset >= this.bytes.length;
  }

  byte(): number {
    if (this.atEnd) throw new SyntaxError('the module ends too early');
    return this.bytes[this.offset++]!;
  }

  /** An unsigned LEB128 of up to 32 bits. */
  u32(): number {
    return Number(this.#leb().value);
  }

  /** A signed LEB128 of up to 64 bits. */
  s64(): bigint {
    const { value, bits, isNegative } = this.#leb();
    return isNegative ? value - (1n << bits) : value;
  }

  #leb(): { readonly value: bigint; readonly bits: bigint; readonly isNegative: boolean } {
    let value = 0n;
    let bits = 0n;
    let last = 0x80;
    while (last & 0x80) {
      last = this.byte();
      value |= BigInt(last & 0x7f) << bits;
      bits += 7n;
    }
    return { value, bits, isNegative: (last & 0x40) !== 0 };
  }

  name(): string {
    const length = this.u32();
    const start = this.offset;
    this.offset += length;
    return new TextDecoder().decode(this.bytes.subarray(start, this.offset));
  }

  list(readOne: () => void): void {
    for (let left = this.u32(); left > 0; left -= 1) readOne();
  }
}

/**
 * The portable kernel ABI, version 1 (`docs/kernels.md`): how a host lays values out in linear memory and
 * calls one exported function. Signatures are plain JSON so that a Python host reads them unchanged.
 */

export type KernelScalarType = 'i32' | 'u32' | 'f32' | 'f64';
export type KernelArrayType = 'u8[]' | 'u16[]' | 'i32[]' | 'u32[]' | 'f32[]' | 'f64[]';

/** A length in elements: a constant, or derived from another parameter (an array's length, a scalar's value). */
export type KernelLength = number | { readonly of: string; readonly times?: number; readonly plus?: number };

/**
 * One parameter, in call order. Scalars pass as themselves; `in` and `out` arrays pass as two i32 values,
 * byte offset then length in elements; `scratch` and `shared` pass their byte offset only. Arrays start 64-byte
 * aligned. `out` and `scratch` memory is zeroed by the host; a `shared` array is the caller's, of exactly the declared
 * length, in a memory that the kernel runs on: calls that run at the same time read and write it.
 */
export type KernelParameter =
  | { readonly name: string; readonly role: 'in'; readonly type: KernelScalarType | KernelArrayType }
  | {
      readonly name: string;
      readonly role: 'out';
      readonly type: KernelArrayType;
      readonly length: KernelLength;
      /** What it holds at the start: `any` where the kernel writes all of it. @default 'zeros' */
      readonly contents?: 'zeros' | 'any';
    }
  | {
      readonly name: string;
      readonly role: 'scratch';
      readonly type: KernelArrayType;
      readonly length: KernelLength;
      /** What it holds at the start; a host may give zeros where anything will do. @default 'zeros' */
      readonly contents?: 'zeros' | 'any';
    }
  | {
      readonly name: string;
      readonly role: 'shared';
      readonly type: KernelArrayType;
      readonly length: KernelLength;
      /** What the caller must have in it at the start. @default 'zeros' */
      readonly contents?: 'zeros' | 'any';
    };

export interface KernelSignature {
  readonly parameters: readonly KernelParameter[];
  /** Type of the function's return value, reported as `result` beside the out arrays. */
  readonly returns?: KernelScalarType;
}

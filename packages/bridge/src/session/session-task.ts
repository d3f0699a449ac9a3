/** One attempt, ready to travel: its value is encoded and its definition is plain data. */
import type { DefinitionReference, EnvelopeOptions, ObjectId, TaskId } from '@anant/core';
import type { EncodedValue } from '@anant/core/codec';

export interface SessionTask {
  readonly id: TaskId;
  readonly attempt: number;
  readonly definition: WireDefinition;
  readonly value: EncodedValue;
  readonly references: readonly ObjectId[];
  /** Options that differ from the defaults; null when none does. */
  readonly options: WireOptions | null;
}

export interface WireOptions extends Partial<EnvelopeOptions> {
  /** The actor, and its method; null to construct it. */
  readonly actor?: readonly [actor: string, method: string | null];
}

/** A definition as `submit` carries it. Equal definitions should be the same object, so that a batch lists them once. */
export interface WireDefinition {
  readonly reference: DefinitionReference | Readonly<Record<string, unknown>>;
  /** The module of a kernel; it travels once per epoch. */
  readonly blob?: { readonly sha256: string; readonly bytes: Uint8Array };
}

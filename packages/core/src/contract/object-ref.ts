/** A stand-in for a stored object inside task inputs; the worker sees the value itself. */
import type { ObjectId } from './task.js';

const BRAND = Symbol.for('anant.object-ref');

export class ObjectRef {
  readonly [BRAND] = true;
  /** @param backend Id of the backend that holds the object. */
  constructor(
    readonly id: ObjectId,
    readonly backend: string,
  ) {}

  static is(value: unknown): value is ObjectRef {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}

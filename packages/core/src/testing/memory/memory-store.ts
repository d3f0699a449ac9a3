/** Objects of the in-memory backend: copies, as any store near a worker would have. */
import { clonePortable, encodedBytes, encodeValue } from '../../codec/index.js';
import { ObjectRef, type StoredObjectInfo } from '../../contract/index.js';
import { AnantError } from '../../error/index.js';

export class MemoryStore {
  readonly #objects = new Map<string, unknown>();

  get size(): number {
    return this.#objects.size;
  }

  put(id: string, value: unknown): StoredObjectInfo {
    const bytes = encodedBytes(encodeValue(value));
    this.#objects.set(id, clonePortable(value));
    return { bytes };
  }

  /** @throws AnantError `E_OBJECT_LOST` */
  get(id: string): unknown {
    if (!this.#objects.has(id)) throw new AnantError('E_OBJECT_LOST', `Object ${id} is not stored here.`);
    return clonePortable(this.#objects.get(id));
  }

  release(ids: readonly string[]): void {
    for (const id of ids) this.#objects.delete(id);
  }

  clear(): void {
    this.#objects.clear();
  }

  /** A copy of `value` with stored objects in place of references. @throws AnantError `E_OBJECT_LOST` */
  resolve(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (ObjectRef.is(value)) return this.get(value.id);
    if (Array.isArray(value)) return value.map((item) => this.resolve(item));
    if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, this.resolve(item)]));
    if (Object.getPrototypeOf(value) !== Object.prototype) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.resolve(item)]));
  }
}

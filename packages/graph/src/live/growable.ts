/** Typed columns that grow by doubling and are read at random. */
export class GrowableU32 {
  #values: Uint32Array<ArrayBuffer>;
  #length = 0;

  constructor(initialLength = 1_024) {
    this.#values = new Uint32Array(initialLength);
  }

  get length(): number {
    return this.#length;
  }

  /** The elements so far and room for more; replaced when the column grows. */
  get values(): Uint32Array {
    return this.#values;
  }

  push(value: number): number {
    const index = this.#length;
    if (index === this.#values.length) this.#grow(index + 1);
    this.#values[index] = value;
    this.#length = index + 1;
    return index;
  }

  at(index: number): number {
    return this.#values[index]!;
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }

  /** Makes it `length` elements long; new ones are `value`. */
  extend(length: number, value: number): void {
    if (length > this.#values.length) this.#grow(length);
    // For a few elements a loop is faster than the call of fill.
    if (length - this.#length > 16) this.#values.fill(value, this.#length, length);
    else for (let at = this.#length; at < length; at++) this.#values[at] = value;
    this.#length = Math.max(this.#length, length);
  }

  /** Drops the elements from `length` on. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  #grow(least: number): void {
    const grown = new Uint32Array(Math.max(least, this.#values.length * 2, 16));
    grown.set(this.#values);
    this.#values = grown;
  }
}

export class GrowableF64 {
  #values: Float64Array<ArrayBuffer> = new Float64Array(1_024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The elements so far and room for more; replaced when the column grows. */
  get values(): Float64Array {
    return this.#values;
  }

  push(value: number): number {
    const index = this.#length;
    if (index === this.#values.length) this.#grow(index + 1);
    this.#values[index] = value;
    this.#length = index + 1;
    return index;
  }

  at(index: number): number {
    return this.#values[index]!;
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }

  /** Makes it `length` elements long; new ones are `value`. */
  extend(length: number, value: number): void {
    if (length > this.#values.length) this.#grow(length);
    if (length > this.#length) this.#values.fill(value, this.#length, length);
    this.#length = Math.max(this.#length, length);
  }

  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  #grow(least: number): void {
    const grown = new Float64Array(Math.max(least, this.#values.length * 2));
    grown.set(this.#values);
    this.#values = grown;
  }
}

/** `Tensor`: a numeric array of any rank but one, in C order; Python sees a `numpy.ndarray`. */
import { type ElementType, elementTypeOf, type NumericArray } from './element-type.js';
import { RANK_MAX } from './limits.js';

const BRAND = Symbol.for('anant.tensor');

export class Tensor<Data extends NumericArray = NumericArray> {
  readonly [BRAND] = true;
  readonly dtype: ElementType;

  /**
   * @param shape length of each axis; `[]` for a single number. For rank one use the typed array itself.
   * @param data as many elements as the shape says, the last axis fastest. Not copied.
   * @throws TypeError when shape and data do not fit.
   */
  constructor(
    readonly shape: readonly number[],
    readonly data: Data,
  ) {
    const dtype = elementTypeOf(Object.getPrototypeOf(data));
    if (dtype === undefined) throw new TypeError('A tensor needs a numeric typed array as data.');
    if (shape.length === 1) throw new TypeError('A tensor of rank one is the typed array itself.');
    const count = elementCount(shape);
    if (count === undefined) {
      throw new TypeError(`[${shape}] is no shape: at most ${RANK_MAX} lengths, integers from 0.`);
    }
    if (count !== data.length) {
      throw new TypeError(`A tensor of shape [${shape}] has ${count} elements, the data has ${data.length}.`);
    }
    this.dtype = dtype;
  }

  static is(value: unknown): value is Tensor {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}

/** Elements of an array of that shape, or `undefined` when it is no shape. */
export function elementCount(shape: readonly unknown[]): number | undefined {
  if (shape.length > RANK_MAX) return undefined;
  let count = 1;
  for (const length of shape) {
    if (!Number.isSafeInteger(length) || (length as number) < 0) return undefined;
    count *= length as number;
  }
  return Number.isSafeInteger(count) ? count : undefined;
}

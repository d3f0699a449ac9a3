/** Portable values (docs/values.md): what travels to every backend, and how. */
export { checkPortable } from './check.js';
export { clonePortable } from './clone.js';
export { decodeMessage, decodeValue } from './decode.js';
export type { ElementType, NumericArray } from './element-type.js';
export type { EncodedValue } from './encode.js';
export { encodedBytes, encodeMessage, encodeValue } from './encode.js';
export { BODY_BYTES_MAX, DEPTH_MAX, INLINE_BYTES_MAX } from './limits.js';
export { Tensor } from './tensor.js';

/** The bounds of portable values. Every one is refused by name and path, or answered with `E_PROTOCOL` when read. */

/** Objects, arrays and maps inside each other, the outermost included. */
export const DEPTH_MAX = 128;

/** Bytes from this length on travel out of band; shorter ones inside the body. */
export const INLINE_BYTES_MAX = 4096;

/** Length of an encoded body; larger ones are refused with `E_PAYLOAD_TOO_LARGE`. */
export const BODY_BYTES_MAX = 2 ** 31 - 1;

/** Axes of a tensor: numpy takes no more in every version in use. */
export const RANK_MAX = 32;

/** Named properties of longer arrays are not looked for: listing them would cost more than encoding them. */
export const NAMED_CHECK_ELEMENTS_MAX = 10_000;

export const INT64_MIN = -(2n ** 63n);
export const UINT64_MAX = 2n ** 64n - 1n;

/** Milliseconds either side of 1970 that a `Date` can hold. */
export const DATE_MS_MAX = 8.64e15;

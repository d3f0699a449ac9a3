/** Keeps a slot for a while without using the processor. */
export const rest = (value) => new Promise((resolve) => setTimeout(() => resolve(value), 250));

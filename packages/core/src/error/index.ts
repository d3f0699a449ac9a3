export type { AnantErrorOptions } from './anant-error.js';
export { AnantError } from './anant-error.js';
export type { ErrorCode } from './codes.js';
export { ERROR_CODES } from './codes.js';
export { describeError, isErrorCode, reviveError } from './describe-error.js';
export type { FormatErrorOptions } from './format-error.js';
export { formatError } from './format-error.js';
export type { RemoteErrorOptions } from './remote-error.js';
export { RemoteError } from './remote-error.js';

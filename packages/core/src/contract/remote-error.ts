/** An exception raised by user code on a worker, as data. Nothing is ever unpickled or revived from it. */
export interface RemoteErrorData {
  /** Class name, for example `ValueError` or `RangeError`. */
  readonly type: string;
  readonly message: string;
  /** A stable Anant code when the failure is Anant's own (for example `E_VALUE_NOT_PORTABLE`). */
  readonly code?: string;
  /** The remote stack or traceback, as text. */
  readonly traceback?: string;
  readonly cause?: RemoteErrorData;
  /** `false` when the worker says a retry cannot help. Default `true`. */
  readonly retryable?: boolean;
}

/** What the main process and a Python child say to each other inside the values of a host call. */

/** An encoded value whose large buffers lie in files of the shared directory. */
export interface PythonPayload {
  readonly body: Uint8Array;
  readonly parts: readonly PythonPart[];
}

/** A buffer, or the name of its file. */
export type PythonPart =
  | Uint8Array
  | { readonly path: string; readonly offset: number; readonly bytes: number };

export interface PythonCall {
  readonly kind: 'task' | 'construct' | 'method';
  readonly target: string;
  readonly version: string;
  /** Of a `method` call. */
  readonly method: string;
  readonly payload: PythonPayload;
  /** First letters of the files this call may leave in the shared directory. */
  readonly prefix: string;
}

/** Name of the environment variable that carries `PythonSettings`, as JSON, to the child. */
export const PYTHON_SETTINGS = 'ANANT_EMBEDDED_PYTHON';

export interface PythonSettings {
  readonly directory: string;
  readonly memoryBytesMax: number;
  readonly payloadBytesMax: number;
}

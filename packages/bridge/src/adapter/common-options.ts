/** The options every adapter has, as parts of its zod schema. */
import { z } from 'zod';

const curveKey = z.string().length(40, 'Must be a key of 40 characters (Z85).');
const count = (max: number) => z.int().min(1).max(max);
const bytes = z
  .int()
  .min(1024)
  .max(2 ** 50);

/** Size of a local engine; `true` takes the defaults. */
export const localOption = z.preprocess(
  (value) => (value === true ? {} : value),
  z
    .strictObject({
      /** Worker processes. @default one per core */
      workers: count(1024).optional(),
      /** Tasks a worker process runs at the same moment. @default 1 */
      threadsPerWorker: count(64).optional(),
      /** Memory limit of the engine's workers, each. @default the engine's own */
      memoryBytesMax: z
        .int()
        .min(64 * 2 ** 20)
        .max(2 ** 50)
        .optional(),
    })
    .optional(),
);

/** Files of a TLS connection; relative paths start at the configuration file. */
export const tlsOption = z
  .strictObject({
    caFile: z.string().min(1),
    certFile: z.string().min(1),
    keyFile: z.string().min(1),
  })
  .optional();

export const commonOptions = {
  /** Where a running engine is. Without it a local one is started. */
  address: z.string().min(1).optional(),
  local: localOption,
  /** Python executable. @default ANANT_PYTHON, then the environment of `anant setup`, then `python3` */
  python: z.string().min(1).optional(),
  /** Folders of the user's Python modules. @default the folder of the configuration */
  pythonPath: z.array(z.string().min(1)).optional(),
  /** Environment variables of the bridge and a local engine. */
  env: z.record(z.string(), z.string()).optional(),
  /** A bridge that already runs, instead of one of one's own. */
  bridge: z
    .strictObject({
      attach: z.string().regex(/^tcp:\/\/.+:\d+$/, 'Must be tcp://host:port.'),
      token: z.string().min(1),
      curve: z.strictObject({ serverKey: curveKey, publicKey: curveKey, secretKey: curveKey }).optional(),
    })
    .optional(),
  /** Longest start of bridge and engine together. @default 60000 */
  startTimeoutMs: z.int().min(100).max(3_600_000).optional(),
  /** Tasks that may run at the same moment, when the engine cannot tell. */
  slots: count(100_000).optional(),
  /** Most tasks handed to the engine at once, queued and running. */
  windowTasks: count(1_000_000).optional(),
  /** Largest encoded input or result. */
  payloadBytesMax: bytes.optional(),
  /** Memory limit of each Node process that runs TypeScript tasks. */
  nodeMemoryBytesMax: z
    .int()
    .min(16 * 2 ** 20)
    .max(2 ** 50)
    .optional(),
};

/** What `commonOptions` come out as. */
export type CommonOptions = z.output<z.ZodObject<typeof commonOptions>>;

const isLocalAddress = (address: string | undefined): boolean => address === undefined || address === 'local';

/** A schema check: a local engine and an address exclude each other. */
export function oneEngine(
  options: Pick<CommonOptions, 'address' | 'local'>,
  context: z.core.$RefinementCtx,
): void {
  if (options.local === undefined || isLocalAddress(options.address)) return;
  context.addIssue({
    code: 'custom',
    path: ['local'],
    message: `Either "local" or "address" ("${options.address}"): an engine reached by address is not started here.`,
  });
}

/** The address of an engine that is not to be started here. */
export const remoteAddress = ({ address }: Pick<CommonOptions, 'address'>): string | undefined =>
  isLocalAddress(address) ? undefined : address;

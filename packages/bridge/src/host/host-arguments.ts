/** Command line of the Node host child: `--fd-in N --fd-out N --memory-bytes-max N --payload-bytes-max N --gpu 1`. */
export interface HostArguments {
  readonly fdIn: number;
  readonly fdOut: number;
  /** Resident memory tasks may take beside the runtime's own; undefined means no limit but the heap's. */
  readonly memoryBytesMax: number | undefined;
  /** Largest encoded result or stream item. */
  readonly payloadBytesMax: number;
  /** Whether tasks get kernels of gpu.js. @default 'none' */
  readonly gpu: 'kernels' | 'none';
}

/** What fits without any option: as much as a message part may hold. */
export const PAYLOAD_BYTES_DEFAULT = 512 * 1024 * 1024;

const NAMES = ['--fd-in', '--fd-out', '--memory-bytes-max', '--payload-bytes-max', '--gpu'];

/** @throws TypeError naming the argument that is wrong. */
export function parseHostArguments(args: readonly string[]): HostArguments {
  const values = new Map<string, number>();
  for (let at = 0; at < args.length; at += 2) {
    const name = args[at] as string;
    const value = Number(args[at + 1]);
    if (!NAMES.includes(name)) throw new TypeError(`Unknown argument "${name}"; known: ${NAMES.join(', ')}.`);
    if (!Number.isSafeInteger(value) || value < 0)
      throw new TypeError(`${name} needs a whole number, not "${args[at + 1]}".`);
    values.set(name, value);
  }
  return {
    fdIn: values.get('--fd-in') ?? 3,
    fdOut: values.get('--fd-out') ?? 4,
    memoryBytesMax: values.get('--memory-bytes-max'),
    payloadBytesMax: values.get('--payload-bytes-max') ?? PAYLOAD_BYTES_DEFAULT,
    gpu: values.get('--gpu') === 1 ? 'kernels' : 'none',
  };
}

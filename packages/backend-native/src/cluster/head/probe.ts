/** Asks whether the process behind a data address is still there: who refuses the connection has ended. */
import { connect } from 'node:net';
import { type HostAndPort, parseAddress } from '../control/address.js';
import { parseDataAddress } from '../data/data-address.js';

const PROBE_MS_MAX = 1_000;

/** `gone` when its machine says that nobody listens; anything else, such as what is no address, proves nothing. */
export function probe(dataAddress: string): Promise<'gone' | 'unsure'> {
  const address = readAddress(dataAddress);
  if (address === undefined) return Promise.resolve('unsure');
  return new Promise((resolve) => {
    const { host, port } = address;
    const socket = connect({ host, port });
    const settle = (answer: 'gone' | 'unsure') => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_MS_MAX, () => settle('unsure'));
    socket.once('connect', () => settle('unsure'));
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      settle(code === 'ECONNREFUSED' ? 'gone' : 'unsure'),
    );
  });
}

/** Members say where they listen themselves: what they say may be anything. */
function readAddress(dataAddress: string): HostAndPort | undefined {
  try {
    return parseAddress(parseDataAddress(dataAddress).socket);
  } catch {
    return undefined;
  }
}

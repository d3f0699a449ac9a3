/**
 * The process's one ZAP handler (ZeroMQ RFC 27): decides which CURVE keys may connect to which listener. Without a
 * handler libzmq accepts every key, so `curve-sockets.ts` refuses to make a CURVE server before one is here.
 */
import { AnantError } from '@anant/core';
import type { Router as ZeroMqRouter } from 'zeromq';
import { DATA_QUEUE_MESSAGES_MAX } from './limits.js';

/** Where libzmq looks for the handler, in the process's one context. */
const ADDRESS = 'inproc://zeromq.zap.01';
const VERSION = '1.0';
const KEY_BYTES = 32;
/** CURVE listeners of one process. */
export const DOMAINS_MAX = 1_000;

/** Who may connect. @returns the node's id, or `undefined` to refuse. @param curveKey 32 bytes. */
export type Authorize = (curveKey: Buffer) => string | undefined;

/** Copies of this module in one process share the handler: libzmq has one address for it. */
const SHARED = Symbol.for('anant.zap-handler');

export class ZapHandler {
  readonly #domains = new Map<string, Authorize>();
  readonly #socket: ZeroMqRouter;
  #refused = 0;
  #ended: Error | undefined;

  private constructor(socket: ZeroMqRouter) {
    this.#socket = socket;
    void this.#serve();
  }

  /** The handler of this process, started when needed. @throws AnantError `E_CERTIFICATE_INVALID` when another library has the address. */
  static async shared(): Promise<ZapHandler> {
    const holder = globalThis as { [SHARED]?: Promise<ZapHandler> | undefined };
    holder[SHARED] ??= ZapHandler.#start();
    try {
      const handler = await holder[SHARED];
      if (!handler.#ended) return handler;
    } catch (cause) {
      holder[SHARED] = undefined;
      throw new AnantError('E_CERTIFICATE_INVALID', `${ADDRESS} is taken: CURVE keys cannot be checked.`, {
        cause,
        advice: 'Another library in this process handles ZAP; run the node in a process of its own.',
      });
    }
    holder[SHARED] = ZapHandler.#start();
    return await holder[SHARED];
  }

  static async #start(): Promise<ZapHandler> {
    const { Router } = await import('zeromq');
    const socket = new Router({ linger: 0, receiveHighWaterMark: DATA_QUEUE_MESSAGES_MAX });
    await socket.bind(ADDRESS);
    return new ZapHandler(socket);
  }

  /** Connections refused since the start, of any domain. */
  get refused(): number {
    return this.#refused;
  }

  /** @throws TypeError when the domain is taken. @returns a function that ends it: nobody may connect then. */
  addDomain(domain: string, authorize: Authorize): () => void {
    if (this.#domains.has(domain)) throw new TypeError(`ZAP domain "${domain}" has a listener already.`);
    if (this.#domains.size >= DOMAINS_MAX) throw new RangeError(`More than ${DOMAINS_MAX} ZAP domains.`);
    this.#domains.set(domain, authorize);
    return () => {
      if (this.#domains.get(domain) === authorize) this.#domains.delete(domain);
    };
  }

  hasDomain(domain: string): boolean {
    return this.#domains.has(domain);
  }

  async #serve(): Promise<void> {
    try {
      for await (const [route, delimiter, ...request] of this.#socket) {
        const { status, text, userId } = this.#decide(request);
        if (status !== '200') this.#refused += 1;
        await this.#socket.send([route!, delimiter!, VERSION, request[1] ?? '', status, text, userId, '']);
      }
    } catch (error) {
      // From here on libzmq finds no handler and, with an enforced domain, refuses every key.
      this.#ended = error as Error;
      this.#socket.close();
    }
  }

  #decide(request: readonly Buffer[]): { status: string; text: string; userId: string } {
    const [version, , domain, , , mechanism, key] = request.map((frame) => frame);
    const authorize = domain && this.#domains.get(domain.toString());
    const isReadable = version?.toString() === VERSION && mechanism?.toString() === 'CURVE';
    if (!authorize || !isReadable || key?.length !== KEY_BYTES) {
      return { status: '400', text: 'Not a CURVE key for a known domain', userId: '' };
    }
    const nodeId = authorize(Buffer.from(key));
    if (nodeId === undefined) return { status: '400', text: 'Unknown key', userId: '' };
    return { status: '200', text: 'OK', userId: nodeId };
  }
}

/**
 * The process's one ZAP handler (ZeroMQ RFC 27): decides which CURVE keys may connect to which listener. Without a
 * handler libzmq accepts every key, so `curve-sockets.ts` refuses to make a CURVE server before one is here. It ends with
 * the last listener: a socket that waits would keep the process alive.
 */
import { setTimeout } from 'node:timers/promises';
import { AnantError } from '@anant/core';
import type { Router as ZeroMqRouter } from 'zeromq';
import { DATA_QUEUE_MESSAGES_MAX } from './limits.js';

/** Where libzmq looks for the handler, in the process's one context. */
const ADDRESS = 'inproc://zeromq.zap.01';
const VERSION = '1.0';
const KEY_BYTES = 32;
/** CURVE listeners of one process. */
export const DOMAINS_MAX = 1_000;
/** The address of a handler that has just ended is free after a moment; tried so often, with such pauses. */
const BIND_TRIES_MAX = 50;
const BIND_PAUSE_MS = 20;

/** Who may connect. @returns the node's id, or `undefined` to refuse. @param curveKey 32 bytes. */
export type Authorize = (curveKey: Buffer) => string | undefined;

/** Copies of this module in one process share the handler: libzmq has one address for it. */
const SHARED = Symbol.for('anant.zap-handler');

export class ZapHandler {
  readonly #domains = new Map<string, Authorize>();
  readonly #socket: ZeroMqRouter;
  #refused = 0;
  #isEnded = false;

  private constructor(socket: ZeroMqRouter) {
    this.#socket = socket;
    void this.#serve();
  }

  /** The handler of this process, started when needed. @throws AnantError `E_CERTIFICATE_INVALID` when another library has the address. */
  static async shared(): Promise<ZapHandler> {
    const holder = globalThis as { [SHARED]?: Promise<ZapHandler> | undefined };
    holder[SHARED] ??= ZapHandler.#start();
    const current = holder[SHARED];
    try {
      const handler = await current;
      if (!handler.isEnded) return handler;
    } catch (cause) {
      throw new AnantError('E_CERTIFICATE_INVALID', `${ADDRESS} is taken: CURVE keys cannot be checked.`, {
        cause,
        advice: 'Another library in this process handles ZAP; run the node in a process of its own.',
      });
    } finally {
      // One that failed or ended is replaced by whoever asks next.
      const isUsable = await current.then(
        ({ isEnded }) => !isEnded,
        () => false,
      );
      if (!isUsable && holder[SHARED] === current) holder[SHARED] = undefined;
    }
    return await ZapHandler.shared();
  }

  static async #start(): Promise<ZapHandler> {
    const { Router } = await import('zeromq');
    for (let tries = 1; ; tries += 1) {
      const socket = new Router({ linger: 0, receiveHighWaterMark: DATA_QUEUE_MESSAGES_MAX });
      try {
        await socket.bind(ADDRESS);
        return new ZapHandler(socket);
      } catch (error) {
        socket.close();
        if (tries === BIND_TRIES_MAX) throw error;
        await setTimeout(BIND_PAUSE_MS);
      }
    }
  }

  /** Whether it answers nobody any more. */
  get isEnded(): boolean {
    return this.#isEnded;
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
      // Not at once: whoever has just asked for the handler adds its domain first.
      setImmediate(() => this.#endIfIdle());
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
    } catch {
      // Closed, or broken; said below.
    }
    // From here on libzmq finds no handler and, with an enforced domain, refuses every key.
    this.#isEnded = true;
    this.#socket.close();
  }

  #endIfIdle(): void {
    if (this.#domains.size > 0 || this.#isEnded) return;
    this.#isEnded = true;
    this.#socket.close();
  }

  #decide(request: readonly Buffer[]): { status: string; text: string; userId: string } {
    const [version, , domain, , , mechanism, key] = request.map((frame) => frame);
    const authorize = domain && this.#domains.get(domain.toString());
    const isReadable = version?.toString() === VERSION && mechanism?.toString() === 'CURVE';
    if (!authorize || !isReadable || key?.length !== KEY_BYTES) {
      return { status: '400', text: 'Not a CURVE key for a known domain', userId: '' };
    }
    const nodeId = authorize(Buffer.from(key));
    // 300, not 400: a peer with a 400 never tries again, but its certificate may be on its way here.
    if (nodeId === undefined) return { status: '300', text: 'Unknown key', userId: '' };
    return { status: '200', text: 'OK', userId: nodeId };
  }
}

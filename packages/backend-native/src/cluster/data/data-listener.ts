/**
 * One ROUTER of a data endpoint. With certificates it keeps the keys it was opened with: an endpoint whose keys are
 * renewed opens another one, and this one lets nobody in any more when the old key has had its time.
 */
import { isIP } from 'node:net';
import type { Router } from 'zeromq';
import { FRAME_BYTES_MAX, FRAMES_MAX, MESSAGES_MAX } from '../limits.js';
import { BACKLOG_CONNECTIONS_MAX, HANDSHAKE_MS_MAX } from '../security/limits.js';
import type { NodeIdentity } from '../security/node-identity.js';
import { PeerBindings } from '../security/peer-bindings.js';
import { formatDataAddress } from './data-address.js';
import type { SecuredListener } from './data-identity.js';

/** The last message of a peer that goes over to another connection, and the answer to it: all before it has arrived. */
export const FAREWELL = 'anant-farewell/1';

export interface DataListenerOptions {
  readonly zeromq: typeof import('zeromq');
  readonly host: string;
  readonly secured: SecuredListener | undefined;
}

export interface ListenerHandlers {
  /** @param from who sent it, proved; `undefined` without certificates */
  readonly onMessage: (
    head: Uint8Array,
    frames: readonly Uint8Array[],
    from: NodeIdentity | undefined,
  ) => Promise<void>;
  readonly onRefused: () => void;
}

export class DataListener {
  /** `tcp://host:port`, with node and key where there are certificates. */
  readonly address: string;
  readonly secured: SecuredListener | undefined;
  readonly #router: Router;
  #isClosed = false;

  private constructor(router: Router, secured: SecuredListener | undefined) {
    this.#router = router;
    this.secured = secured;
    const { nodeId: node, curveKey } = secured?.owner.identity ?? {};
    const socket = router.lastEndpoint as string;
    this.address = formatDataAddress({ socket, folder: undefined, node, key: curveKey?.toString('hex') });
  }

  static async open(options: DataListenerOptions): Promise<DataListener> {
    const { zeromq, host, secured } = options;
    const router = new zeromq.Router({
      backlog: BACKLOG_CONNECTIONS_MAX,
      handshakeInterval: HANDSHAKE_MS_MAX,
      ...secured?.options,
      linger: 0,
      receiveHighWaterMark: MESSAGES_MAX,
      maxMessageSize: FRAME_BYTES_MAX,
    });
    try {
      await router.bind(`tcp://${isIP(host) === 6 ? `[${host}]` : host}:*`);
    } catch (error) {
      router.close();
      secured?.close();
      throw error;
    }
    return new DataListener(router, secured);
  }

  /** Lets nobody in any more; whoever is connected stays, and is heard while his certificate holds. */
  retire(): void {
    this.secured?.close();
  }

  close(): void {
    this.#isClosed = true;
    this.#router.close();
    this.retire();
  }

  /** Hands over what comes, until it is closed. */
  async serve(handlers: ListenerHandlers): Promise<void> {
    const { onMessage, onRefused } = handlers;
    try {
      for await (const [route, head, ...frames] of this.#router) {
        if (route === undefined || head === undefined || frames.length >= FRAMES_MAX) onRefused();
        else if (this.secured === undefined) await onMessage(head, frames, undefined);
        else await this.#receiveProved(this.secured, handlers, route, [head, ...frames]);
      }
    } catch (error) {
      if (!this.#isClosed) throw error;
    }
  }

  /** CURVE says only that some known node sent it; which one, its hello has proved. */
  async #receiveProved(
    { bindings }: SecuredListener,
    { onMessage, onRefused }: ListenerHandlers,
    route: Buffer,
    message: readonly Buffer[],
  ): Promise<void> {
    if (PeerBindings.isHello(message)) {
      if (bindings.hello(route, message).type === 'refused') onRefused();
      return;
    }
    const from = bindings.identityOf(route);
    const [head, ...frames] = message;
    if (from === undefined || head === undefined) onRefused();
    else if (isFarewell(message)) await this.#router.send([route, FAREWELL]);
    else await onMessage(head, frames, from);
  }
}

const isFarewell = ([head, ...others]: readonly Buffer[]): boolean =>
  others.length === 0 && head?.byteLength === FAREWELL.length && head.toString('latin1') === FAREWELL;

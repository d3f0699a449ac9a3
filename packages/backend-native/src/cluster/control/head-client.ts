/** A client of the head's services that is made again when the certificates of this node have changed. */
import type { ChannelCredentials, ClientOptions } from '@grpc/grpc-js';
import { GRPC_CHANNEL_OPTIONS } from '../security/limits.js';
import type { NodeSecurity } from '../security/node-security.js';
import { parseAddress, targetOf } from './address.js';
import { CHANNEL_OPTIONS } from './control-channel.js';
import { headCredentials } from './security.js';

type ClientType<Client> = new (
  target: string,
  credentials: ChannelCredentials,
  options: ClientOptions,
) => Client;

const TLS_NAME = 'grpc.ssl_target_name_override';

export class HeadClient<Client extends { close(): void }> {
  readonly #make: () => Client;
  readonly #endListening: () => void;
  #client: Client;
  #isStale = false;

  /** @throws AnantError when the address is malformed, or needs certificates */
  constructor(type: ClientType<Client>, head: string, security: NodeSecurity | undefined) {
    const address = parseAddress(head);
    const options = security && { [TLS_NAME]: GRPC_CHANNEL_OPTIONS[TLS_NAME] };
    this.#make = () =>
      new type(targetOf(address), headCredentials(address.host, security), {
        ...CHANNEL_OPTIONS,
        ...options,
      });
    this.#client = this.#make();
    this.#endListening =
      security?.onChange(() => {
        this.#isStale = true;
      }) ?? (() => {});
  }

  /** For the next call. Calls that are open go on as they are. */
  get current(): Client {
    if (this.#isStale) {
      this.#isStale = false;
      this.#client.close();
      this.#client = this.#make();
    }
    return this.#client;
  }

  close(): void {
    this.#endListening();
    this.#client.close();
  }
}

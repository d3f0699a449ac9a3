/** A client of the head's services that is made again when the head or the certificates of this node have changed. */
import type { ChannelCredentials, ClientOptions } from '@grpc/grpc-js';
import { GRPC_CHANNEL_OPTIONS } from '../security/limits.js';
import type { NodeSecurity } from '../security/node-security.js';
import { parseAddress, targetOf } from './address.js';
import { CHANNEL_OPTIONS } from './control-channel.js';
import { HeadRoute } from './head-route.js';
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
  /** Which head is talked to. */
  readonly route: HeadRoute;
  #client: Client;
  #address: string;
  #isStale = false;

  /**
   * @param heads one address, or several separated by commas
   * @throws AnantError when an address is malformed, or needs certificates
   */
  constructor(type: ClientType<Client>, heads: string, security: NodeSecurity | undefined) {
    this.route = new HeadRoute(heads);
    this.#address = this.route.current;
    const options = security && { [TLS_NAME]: GRPC_CHANNEL_OPTIONS[TLS_NAME] };
    this.#make = () => {
      const address = parseAddress(this.#address);
      return new type(targetOf(address), headCredentials(address.host, security), {
        ...CHANNEL_OPTIONS,
        ...options,
      });
    };
    this.#client = this.#make();
    this.#endListening =
      security?.onChange(() => {
        this.#isStale = true;
      }) ?? (() => {});
  }

  /** For the next call, to the head of the route. Calls that are open go on as they are. */
  get current(): Client {
    if (this.#isStale || this.#address !== this.route.current) {
      this.#isStale = false;
      this.#address = this.route.current;
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

/** Redis publish/subscribe: messages while the connection stands, none that were sent while it did not. */
import { AnantError } from '@anant/core';
import { CONNECT_MS_MAX } from './limits.js';
import { createRedisClient, type RedisClient, type RedisOptions } from './redis-client.js';

/** Channels of one connection. */
export const CHANNELS_MAX = 20_000;

type Listener = (message: Buffer) => void;

export class RedisChannels {
  readonly #client: RedisClient;
  readonly #listeners = new Map<string, Listener>();

  private constructor(client: RedisClient) {
    this.#client = client;
    // ioredis reconnects by itself; without a listener an error would end the process.
    client.on('error', () => {});
    client.on('messageBuffer', (channel: Buffer, message: Buffer) =>
      this.#listeners.get(channel.toString())?.(message),
    );
  }

  static async open(options: RedisOptions): Promise<RedisChannels> {
    return new RedisChannels(await createRedisClient(options, 'subscriptions'));
  }

  /** @throws AnantError `E_REDIS_UNREACHABLE` when Redis does not confirm it in time. */
  async subscribe(channel: string, listener: Listener): Promise<void> {
    if (this.#listeners.size >= CHANNELS_MAX) throw new RangeError(`More than ${CHANNELS_MAX} channels.`);
    this.#listeners.set(channel, listener);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const message = `Redis did not confirm a subscription within ${CONNECT_MS_MAX} ms.`;
      timer = setTimeout(
        () => reject(new AnantError('E_REDIS_UNREACHABLE', message, { retryable: true })),
        CONNECT_MS_MAX,
      );
    });
    await Promise.race([this.#client.subscribe(channel), late]).finally(() => clearTimeout(timer));
  }

  unsubscribe(channel: string): void {
    this.#listeners.delete(channel);
    this.#client.unsubscribe(channel).catch(() => {});
  }

  close(): void {
    this.#listeners.clear();
    this.#client.disconnect();
  }
}

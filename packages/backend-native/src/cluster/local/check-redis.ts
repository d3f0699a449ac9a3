/** The Redis that heads shall share, asked before any process is started: a wrong address would show itself as silence. */
import { AnantError } from '@anant/core';

const REDIS_MS_MAX = 5_000;

/** @throws AnantError `E_CONFIG_INVALID` for what is no address of a Redis */
export function checkRedisUrls(urls: readonly string[]): void {
  for (const text of urls) {
    if (URL.canParse(text) && ['redis:', 'rediss:'].includes(new URL(text).protocol)) continue;
    throw new AnantError('E_CONFIG_INVALID', `"${withoutPassword(text)}" is no address of a Redis.`, {
      advice: 'Write redis://HOST:PORT, or rediss://HOST:PORT where it speaks TLS.',
    });
  }
}

/** @throws AnantError `E_CONFIG_INVALID`, `E_REDIS_UNREACHABLE`, `E_REDIS_REFUSED` */
export async function checkRedis(urls: readonly string[], timeoutMs = REDIS_MS_MAX): Promise<void> {
  checkRedisUrls(urls);
  const { RedisLink, redisScript } = await import('../redis/index.js');
  const link = await RedisLink.open({ urls });
  try {
    await link.run(redisScript('read', 'return 1'), ['anant:check'], [], { timeoutMs });
  } catch (error) {
    if (!AnantError.is(error)) throw error;
    const where = urls.map(withoutPassword).join(', ');
    throw new AnantError(error.code, `The Redis at ${where} cannot be used: ${error.message}`, {
      cause: error,
      advice: 'Start it, or correct the address, the user and the password.',
    });
  } finally {
    link.close();
  }
}

export function withoutPassword(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  if (url.password !== '') url.password = '***';
  return url.href;
}

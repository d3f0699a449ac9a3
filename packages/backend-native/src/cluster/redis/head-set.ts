/**
 * Which heads have every acknowledged entry, kept in Redis beside the leader's lock. A server whose data may have gone
 * back in time shows it as it does for leases; then the set counts as lost, for an older one would name heads that fell
 * out of it.
 */
import { randomUUID } from 'node:crypto';
import type { RedisLink } from './redis-link.js';
import { redisScript } from './redis-script.js';

const RUN_ID = `local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')`;

/** KEYS fence, set; ARGV lowest epoch. */
const READ = redisScript(
  'read',
  `${RUN_ID}
local fence = redis.call('HMGET', KEYS[1], 'epoch', 'run')
local set = redis.call('HMGET', KEYS[2], 'value', 'version', 'run')
if not set[1] or set[3] ~= run or not fence[1] or fence[2] ~= run or tonumber(fence[1]) < tonumber(ARGV[1]) then
  return {'lost', set[2] or ''}
end
return {'kept', set[2], set[1]}`,
);

/** KEYS fence, set; ARGV epoch of the leader, version expected (\`*\`: any), new version, value. */
const WRITE = redisScript(
  'write',
  `${RUN_ID}
local fence = redis.call('HMGET', KEYS[1], 'epoch', 'run')
if not fence[1] or fence[2] ~= run or tonumber(fence[1]) < tonumber(ARGV[1]) then return {'regressed'} end
local set = redis.call('HMGET', KEYS[2], 'version', 'epoch')
if set[1] == ARGV[3] then return {'written'} end
if tonumber(set[2] or '0') > tonumber(ARGV[1]) then return {'stale'} end
if ARGV[2] ~= '*' and (set[1] or '') ~= ARGV[2] then return {'conflict'} end
redis.call('HSET', KEYS[2], 'value', ARGV[4], 'version', ARGV[3], 'epoch', ARGV[1], 'run', run)
return {'written'}`,
);

export interface KeptSet {
  /** Logs in the set; undefined when it was lost. */
  readonly inSync: readonly string[] | undefined;
  readonly version: string;
}

export interface HeadSetWrite {
  /** Of the leader that writes; refused once a later one has written. */
  readonly epoch: number;
  readonly inSync: readonly string[];
  /** Refused unless this is the version there. @default whatever is there */
  readonly expected?: string;
  readonly timeoutMs: number;
}

export class HeadSetStore {
  readonly #link: RedisLink;
  readonly #keys: readonly string[];

  /** @param namespace that of the leader's lease. */
  constructor(link: RedisLink, namespace: string) {
    this.#link = link;
    this.#keys = [`anant:{${namespace}}:fence`, `anant:{${namespace}}:heads`];
  }

  /** @param lowest an epoch that is known to have been given out. @throws AnantError `E_REDIS_UNREACHABLE` */
  async read(lowest: number, timeoutMs: number): Promise<KeptSet> {
    const reply = (await this.#link.run(READ, [...this.#keys], [lowest], { timeoutMs })) as string[];
    const [type, version = '', value = '[]'] = reply;
    return { version, inSync: type === 'kept' ? (JSON.parse(value) as string[]) : undefined };
  }

  /** @throws AnantError `E_OUTCOME_UNKNOWN`, `E_REDIS_UNREACHABLE` */
  async write(write: HeadSetWrite): Promise<'written' | 'conflict' | 'stale' | 'regressed'> {
    const { epoch, inSync, expected = '*', timeoutMs } = write;
    const args = [epoch, expected, randomUUID(), JSON.stringify(inSync)];
    const reply = (await this.#link.run(WRITE, [...this.#keys], args, { timeoutMs })) as string[];
    return reply[0] as 'written' | 'conflict' | 'stale' | 'regressed';
  }
}

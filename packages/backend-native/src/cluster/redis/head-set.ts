/**
 * Which heads have every acknowledged entry, kept in Redis beside the leader's lock. A server whose data may have gone
 * back in time shows it as it does for leases; then the set counts as lost, for an older one would name heads that fell
 * out of it.
 */
import { randomUUID } from 'node:crypto';
import { nameOfLog } from '../../protocol/replication/index.js';
import { LEADER_LEASE } from './leader-election.js';
import { RUN_ID } from './lease-scripts.js';
import type { RedisLink } from './redis-link.js';
import { redisScript } from './redis-script.js';

/** KEYS fence, set, forgotten; ARGV lowest epoch. */
const READ = redisScript(
  'read',
  `${RUN_ID}
local fence = redis.call('HMGET', KEYS[1], 'epoch', 'run')
local set = redis.call('HMGET', KEYS[2], 'value', 'version', 'run')
local forgotten = {}
local gone = redis.call('HGETALL', KEYS[3])
for at = 1, #gone, 2 do
  if gone[at + 1] == run then forgotten[#forgotten + 1] = gone[at] end
end
if not set[1] or set[3] ~= run or not fence[1] or fence[2] ~= run or tonumber(fence[1]) < tonumber(ARGV[1]) then
  return {'lost', set[2] or '', '', forgotten}
end
return {'kept', set[2], set[1], forgotten}`,
);

/**
 * KEYS fence, set, forgotten; ARGV epoch of the leader, version expected (\`*\`: any), new version, value, names in it: who
 * counts is forgotten no more.
 */
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
redis.call('HDEL', KEYS[3], unpack(ARGV, 5))
return {'written'}`,
);

/**
 * KEYS set, lock of the leader, forgotten; ARGV name, version expected, new version, value of the set without it. It holds
 * as long as the server process: an older copy of the data may name one that has come back.
 */
const FORGET = redisScript(
  'write',
  `${RUN_ID}
local holder = redis.call('HGET', KEYS[2], 'holder')
if holder and string.sub(holder, 1, #ARGV[1] + 1) == ARGV[1] .. '/' then
  return {'leads', tostring(redis.call('PTTL', KEYS[2]))}
end
local version = redis.call('HGET', KEYS[1], 'version')
if version ~= ARGV[3] then
  if (version or '') ~= ARGV[2] then return {'conflict'} end
  if version then redis.call('HSET', KEYS[1], 'value', ARGV[4], 'version', ARGV[3]) end
end
redis.call('HSET', KEYS[3], ARGV[1], run)
return {'forgotten'}`,
);

/** KEYS set, forgotten; ARGV epoch of the leader that remembers the names now, the names. */
const SETTLE = redisScript(
  'write',
  `if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return {'stale'} end
redis.call('HDEL', KEYS[2], unpack(ARGV, 2))
return {'settled'}`,
);

/** KEYS set, fence, forgotten; ARGV version expected. */
const DISSOLVE = redisScript(
  'write',
  `if (redis.call('HGET', KEYS[1], 'version') or '') ~= ARGV[1] then return {'conflict'} end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
return {'dissolved'}`,
);

export interface KeptSet {
  /** Logs in the set; undefined when it was lost. */
  readonly inSync: readonly string[] | undefined;
  readonly version: string;
  /** Heads declared gone for ever that no leader has written into the journal yet. */
  readonly forgotten: readonly string[];
}

export interface HeadSetWrite {
  /** Of the leader that writes; refused once a later one has written. */
  readonly epoch: number;
  readonly inSync: readonly string[];
  /** Refused unless this is the version there. @default whatever is there */
  readonly expected?: string;
  readonly timeoutMs: number;
}

export type ForgetAnswer =
  | { readonly type: 'forgotten' | 'conflict' }
  /** Its lease has not run out. */
  | { readonly type: 'leads'; readonly remainingMs: number };

export class HeadSetStore {
  readonly #link: RedisLink;
  readonly #fence: string;
  readonly #set: string;
  readonly #lock: string;
  readonly #forgotten: string;

  /** @param namespace that of the leader's lease. */
  constructor(link: RedisLink, namespace: string) {
    this.#link = link;
    const prefix = `anant:{${namespace}}`;
    this.#fence = `${prefix}:fence`;
    this.#set = `${prefix}:heads`;
    this.#lock = `${prefix}:lock:${LEADER_LEASE}`;
    this.#forgotten = `${prefix}:heads-forgotten`;
  }

  /** @param lowest an epoch that is known to have been given out. @throws AnantError `E_REDIS_UNREACHABLE` */
  async read(lowest: number, timeoutMs: number): Promise<KeptSet> {
    const keys = [this.#fence, this.#set, this.#forgotten];
    const reply = await this.#link.run(READ, keys, [lowest], { timeoutMs });
    const [type, version, value, forgotten] = reply as [string, string, string, string[]];
    return { version, forgotten, inSync: type === 'kept' ? (JSON.parse(value) as string[]) : undefined };
  }

  /** @throws AnantError `E_OUTCOME_UNKNOWN`, `E_REDIS_UNREACHABLE` */
  async write(write: HeadSetWrite): Promise<'written' | 'conflict' | 'stale' | 'regressed'> {
    const { epoch, inSync, expected = '*', timeoutMs } = write;
    const keys = [this.#fence, this.#set, this.#forgotten];
    const args = [epoch, expected, randomUUID(), JSON.stringify(inSync), ...inSync.map(nameOfLog)];
    const reply = (await this.#link.run(WRITE, keys, args, { timeoutMs })) as string[];
    return reply[0] as 'written' | 'conflict' | 'stale' | 'regressed';
  }

  /**
   * Takes a head out of the set that was read, and lists it as gone; not while its lease runs.
   * @throws AnantError `E_OUTCOME_UNKNOWN`, `E_REDIS_UNREACHABLE`
   */
  async forget(name: string, kept: KeptSet, timeoutMs: number): Promise<ForgetAnswer> {
    const keys = [this.#set, this.#lock, this.#forgotten];
    const rest = (kept.inSync ?? []).filter((log) => nameOfLog(log) !== name);
    const args = [name, kept.version, randomUUID(), JSON.stringify(rest)];
    const [type, remaining] = (await this.#link.run(FORGET, keys, args, { timeoutMs })) as string[];
    if (type === 'leads') return { type, remainingMs: Number(remaining) };
    return { type: type as 'forgotten' | 'conflict' };
  }

  /** The journal of the leader of `epoch` lists these as gone; Redis need not. @throws AnantError `E_REDIS_UNREACHABLE` */
  async settle(epoch: number, names: readonly string[], timeoutMs: number): Promise<void> {
    if (names.length === 0) return;
    await this.#link.run(SETTLE, [this.#set, this.#forgotten], [epoch, ...names], { timeoutMs });
  }

  /**
   * Removes all of it, once all heads have ended for good. It stays when the set names a head that is not among `own`, or
   * changes meanwhile.
   * @param own names of the heads that have ended. @throws AnantError `E_OUTCOME_UNKNOWN`, `E_REDIS_UNREACHABLE`
   */
  async dissolve(own: readonly string[], timeoutMs: number): Promise<'dissolved' | 'kept'> {
    const { inSync = [], version } = await this.read(0, timeoutMs);
    if (inSync.some((log) => !own.includes(nameOfLog(log)))) return 'kept';
    const keys = [this.#set, this.#fence, this.#forgotten];
    const [type] = (await this.#link.run(DISSOLVE, keys, [version], { timeoutMs })) as string[];
    return type === 'dissolved' ? 'dissolved' : 'kept';
  }
}

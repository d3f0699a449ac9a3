/**
 * The scripts of brokers over Redis. Frames for one endpoint or one of many are kept in streams and rung for on a
 * channel of the stream's name; events are published. Each operation id has one effect.
 */
import { redisScript } from '../../cluster/redis/redis-script.js';

/** KEYS stream, operation; ARGV frame, most frames about, window of operations in ms, life of an unused stream in ms. */
export const POST = redisScript(
  'write',
  `if not redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[3]) then return 'repeated' end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'frame', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('PUBLISH', KEYS[1], 'ring')
return 'posted'`,
);

/** KEYS operation; ARGV channel, frame, window of operations in ms. */
export const TELL = redisScript(
  'write',
  `if redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[3]) then redis.call('PUBLISH', ARGV[1], ARGV[2]) end
return 'told'`,
);

/** KEYS stream of one endpoint; ARGV last id that was read, most frames. What was read before is removed. */
export const READ = redisScript(
  'write',
  `redis.call('XTRIM', KEYS[1], 'MINID', ARGV[1])
redis.call('XDEL', KEYS[1], ARGV[1])
local entries = redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', ARGV[2])
local reply = {}
for _, entry in ipairs(entries) do reply[#reply + 1] = {entry[1], entry[2][2], '0'} end
return reply`,
);

/**
 * KEYS stream of a subject; ARGV group, consumer, most frames, idle ms. Frames that others took and did not finish come
 * first. The third part of each is its age in ms, by the clock of Redis.
 */
export const TAKE = redisScript(
  'write',
  `redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
local entries = redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[4], '0-0', 'COUNT', ARGV[3])[2]
local left = tonumber(ARGV[3]) - #entries
if left > 0 then
  local fresh = redis.call('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', left, 'STREAMS', KEYS[1], '>')
  if fresh then for _, entry in ipairs(fresh[1][2]) do entries[#entries + 1] = entry end end
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local reply = {}
for _, entry in ipairs(entries) do
  reply[#reply + 1] = {entry[1], entry[2][2], string.format('%d', now - tonumber(string.match(entry[1], '^(%d+)')))}
end
return reply`,
);

/** KEYS stream of a subject; ARGV group, id. */
export const FINISH = redisScript(
  'write',
  `redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
return redis.call('XDEL', KEYS[1], ARGV[2])`,
);

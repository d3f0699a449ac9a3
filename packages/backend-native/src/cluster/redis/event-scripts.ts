/** The scripts of event streams. Redis 7 has no idempotent XADD, so an operation id keeps the entry it made. */
import { redisScript } from './redis-script.js';

/** KEYS stream, operation; ARGV event, most events about, window of operations in ms. */
export const PUBLISH = redisScript(
  'write',
  `local done = redis.call('GET', KEYS[2])
if done then return done end
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'event', ARGV[1])
redis.call('SET', KEYS[2], id, 'PX', ARGV[3])
return id`,
);

/** KEYS stream; ARGV group, where it begins. */
export const JOIN = redisScript(
  'write',
  `local made = redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], ARGV[2], 'MKSTREAM')
if type(made) == 'table' and made.err and not string.find(made.err, 'BUSYGROUP') then return made end
return 'joined'`,
);

/**
 * KEYS stream; ARGV group, consumer, most events, idle ms. Old unacknowledged events of any consumer first: those of
 * consumers that died. Repeating it hands out the same events again or others; each stays pending until acknowledged.
 */
export const TAKE = redisScript(
  'write',
  `local taken = redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[4], '0-0', 'COUNT', ARGV[3])[2]
local left = tonumber(ARGV[3]) - #taken
if left > 0 then
  local fresh = redis.call('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', left, 'STREAMS', KEYS[1], '>')
  if fresh then for _, entry in ipairs(fresh[1][2]) do taken[#taken + 1] = entry end end
end
local reply = {}
for _, entry in ipairs(taken) do
  local pending = redis.call('XPENDING', KEYS[1], ARGV[1], entry[1], entry[1], 1)[1]
  reply[#reply + 1] = {entry[1], entry[2][2], tostring(pending and pending[4] or 1)}
end
return reply`,
);

/** KEYS stream; ARGV group, ids. Answers how many were pending: 0 for a repeat. */
export const ACKNOWLEDGE = redisScript(
  'write',
  `return redis.call('XACK', KEYS[1], ARGV[1], unpack(ARGV, 2))`,
);

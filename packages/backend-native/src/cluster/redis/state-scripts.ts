/**
 * The scripts of shared state. A value has a version, the id of the operation that wrote it, so that a version never
 * comes back, not even after the store lost its data; and the highest fencing token it was written under.
 */
import { redisScript } from './redis-script.js';

/** KEYS value; answers value and version, or nothing. */
export const GET = redisScript('read', `return redis.call('HMGET', KEYS[1], 'value', 'version')`);

/**
 * KEYS value, operation; ARGV operation id, how (`set`, `swap` or `delete`), version expected by a swap or delete
 * (empty: none may exist; `*`: any), value, epoch, counter (both 0: no token), window of operations in ms.
 */
export const WRITE = redisScript(
  'write',
  `local done = redis.call('GET', KEYS[2])
if done then return cjson.decode(done) end
local now = redis.call('HMGET', KEYS[1], 'version', 'epoch', 'counter')
local reply
local epoch, counter = tonumber(ARGV[5]), tonumber(ARGV[6])
local held, count = tonumber(now[2] or '0'), tonumber(now[3] or '0')
if epoch > 0 and (held > epoch or (held == epoch and count > counter)) then
  reply = {'stale', tostring(held), tostring(count)}
elseif ARGV[3] ~= '*' and (now[1] or '') ~= ARGV[3] then
  reply = {'conflict', now[1] or ''}
elseif ARGV[2] == 'delete' then
  redis.call('HDEL', KEYS[1], 'value', 'version')
  reply = {'written', ''}
else
  redis.call('HSET', KEYS[1], 'value', ARGV[4], 'version', ARGV[1])
  reply = {'written', ARGV[1]}
end
if reply[1] == 'written' and epoch > 0 then redis.call('HSET', KEYS[1], 'epoch', ARGV[5], 'counter', ARGV[6]) end
redis.call('SET', KEYS[2], cjson.encode(reply), 'PX', ARGV[7])
return reply`,
);

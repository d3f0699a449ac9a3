/**
 * The scripts of leases. All keys of a namespace share one hash slot. `fence` holds the epoch, the id of the server
 * process it was given to, and the counter; a lock holds who has it, under which token, with a time to live.
 *
 * A server whose data may have gone back in time shows it: FLUSHALL and an empty restart leave no `fence`, any other
 * restart and every failover change the process id. Then nothing is granted until a higher epoch is written.
 */
import { redisScript } from './redis-script.js';

/** Id of the server's process, as `run`. */
export const RUN_ID = `local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')`;

/** KEYS fence, lock, operation; ARGV holder, ttlMs, lowest epoch, window of operations in ms. */
export const ACQUIRE = redisScript(
  'write',
  `${RUN_ID}
local done = redis.call('GET', KEYS[3])
if done then return cjson.decode(done) end
local fence = redis.call('HMGET', KEYS[1], 'epoch', 'run')
if not fence[1] or fence[2] ~= run or tonumber(fence[1]) < tonumber(ARGV[3]) then return {'regressed'} end
local holder = redis.call('HGET', KEYS[2], 'holder')
if holder and holder ~= ARGV[1] then return {'taken', holder, tostring(redis.call('PTTL', KEYS[2]))} end
local counter = redis.call('HINCRBY', KEYS[1], 'counter', 1)
redis.call('HSET', KEYS[2], 'holder', ARGV[1], 'epoch', fence[1], 'counter', counter)
redis.call('PEXPIRE', KEYS[2], ARGV[2])
local reply = {'granted', fence[1], tostring(counter)}
redis.call('SET', KEYS[3], cjson.encode(reply), 'PX', ARGV[4])
return reply`,
);

/** KEYS fence; ARGV the new epoch. Answers the epoch that holds, or that the new one is too low. */
export const RECOVER = redisScript(
  'write',
  `${RUN_ID}
local fence = redis.call('HMGET', KEYS[1], 'epoch', 'run')
local epoch = tonumber(fence[1] or '0')
if epoch >= tonumber(ARGV[1]) then
  if fence[2] == run then return {'recovered', fence[1]} end
  return {'low', fence[1]}
end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'run', run, 'counter', 0)
return {'recovered', ARGV[1]}`,
);

/** KEYS fence, lock; ARGV holder, its epoch, its counter, the new epoch. A leader's grant under an epoch of its own. */
export const RAISE = redisScript(
  'write',
  `${RUN_ID}
local fence = redis.call('HMGET', KEYS[1], 'epoch', 'run')
if not fence[1] or fence[2] ~= run then return {'regressed'} end
local lock = redis.call('HMGET', KEYS[2], 'holder', 'epoch', 'counter')
if lock[1] ~= ARGV[1] then return {'refused'} end
if lock[2] == ARGV[4] and lock[3] == '0' then return {'raised', ARGV[4]} end
if lock[2] ~= ARGV[2] or lock[3] ~= ARGV[3] then return {'refused'} end
if tonumber(fence[1]) >= tonumber(ARGV[4]) then return {'low', fence[1]} end
redis.call('HSET', KEYS[1], 'epoch', ARGV[4], 'counter', 0)
redis.call('HSET', KEYS[2], 'epoch', ARGV[4], 'counter', 0)
return {'raised', ARGV[4]}`,
);

/** KEYS fence, lock; ARGV holder, epoch, counter, ttlMs. */
export const RENEW = redisScript(
  'write',
  `${RUN_ID}
if redis.call('HGET', KEYS[1], 'run') ~= run then return {'regressed'} end
local lock = redis.call('HMGET', KEYS[2], 'holder', 'epoch', 'counter')
if lock[1] ~= ARGV[1] or lock[2] ~= ARGV[2] or lock[3] ~= ARGV[3] then return {'refused'} end
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return {'renewed'}`,
);

/** KEYS lock; ARGV holder, epoch, counter. */
export const RELEASE = redisScript(
  'write',
  `local lock = redis.call('HMGET', KEYS[1], 'holder', 'epoch', 'counter')
if lock[1] == ARGV[1] and lock[2] == ARGV[2] and lock[3] == ARGV[3] then redis.call('DEL', KEYS[1]) end
return {'released'}`,
);

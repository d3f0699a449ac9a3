"""Puts every message that a Celery worker has taken and not acknowledged back into its queue, as kombu would."""

import json
import sys

import redis

client = redis.Redis.from_url(sys.argv[1])
count = 0
for raw in client.hvals("unacked"):
    message, _exchange, queue = json.loads(raw)
    client.lpush(queue, json.dumps(message))
    count += 1
print(count)

"""
The application that Celery workers load:

    ANANT_BROKER_URL=redis://… celery -A anant_bridge.celery_app worker -P prefork -Q anant \\
        --without-gossip --without-mingle --without-heartbeat

Also read from the environment: ANANT_RESULT_URL (a Redis; default: the broker, when it is one), ANANT_NAMESPACE and
ANANT_QUEUE (default `anant`; the same as the backend's options, and as -Q), ANANT_PREFETCH (messages per slot that a
worker takes ahead; default 1).
"""

import os

from .engines.celery_profile import worker_app

app = worker_app(os.environ)

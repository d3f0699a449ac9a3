"""
The application that Celery workers load, with the broker's URL in their environment:

    ANANT_BROKER_URL=redis://… celery -A anant_bridge.celery_app worker -P prefork -Q anant \\
        --without-gossip --without-mingle --without-heartbeat
"""

import os

from .engines.celery_profile import worker_app

app = worker_app(os.environ)

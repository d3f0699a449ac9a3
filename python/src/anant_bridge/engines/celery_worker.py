"""What runs in a pool process of a Celery worker: claim the chunk, run it, deliver how it ended."""

from __future__ import annotations

import os

from celery.exceptions import Reject

from ..packed import Buffer, Packed
from ..spool import Spool
from ..worker import run_chunk, run_reference
from ..worker.call import Call
from ..worker.session_info import SessionInfo
from .celery_carry import pack_payload, unpack_payload
from .celery_keys import SessionKeys, object_part, order_part, result_part
from .celery_order import Order
from .celery_store import Store, StoreUnreachableError


def execute(order: Order, store: Store, worker: str) -> None:
    """
    Runs a chunk whose ticket is still there, and nothing otherwise. Raises Reject when the store cannot be reached
    before anything ran; ends the process when the result cannot be delivered, so that the loss is noticed.
    """
    keys = SessionKeys(order.prefix)
    try:
        if not store.claim(keys, order.chunk, worker):
            _report_orphan(order, store, keys, worker)
            return
    except StoreUnreachableError as error:
        raise Reject(f"the result store is unreachable: {error}", requeue=True) from error
    try:
        _run(order, store, keys)
    except StoreUnreachableError:
        os._exit(70)


def _report_orphan(order: Order, store: Store, keys: SessionKeys, worker: str) -> None:
    """
    A pool process that dies at once may do so before its main process knows what it had; the main process then
    hands the message to another one. The first holds the ticket, and is dead.
    """
    holder = store.holder(keys, order.chunk)
    if holder is None or holder[0] != worker:
        return
    try:
        os.kill(holder[1], 0)
    except ProcessLookupError:
        store.deliver(keys, order.chunk, "lost", f"The pool process {holder[1]} of the Celery worker died.")


def _run(order: Order, store: Store, keys: SessionKeys) -> None:
    try:
        payload = unpack_payload(store.fetch(keys, order_part(order.chunk), order.payload))
    except (LookupError, ValueError) as error:
        store.deliver(keys, order.chunk, "lost", f"The input of the task is gone: {error}.")
        return
    objects = []
    for item in order.objects:
        try:
            objects.append(unpack_payload(store.fetch(keys, item.part_name, item.carried)))
        except (LookupError, ValueError) as error:
            detail = ["E_OBJECT_LOST", f'The stored object "{item.id}" is gone: {error}.', "Store it again."]
            store.deliver(keys, order.chunk, "refused", detail)
            return
    kept = None
    if order.keep_as is None:
        result = run_chunk(payload, objects)
    else:
        result, value = run_reference(payload, objects)
        if value is not None:
            kept = store.keep(keys, object_part(order.keep_as), pack_payload(_spooled(payload, value)))
    carried = store.keep(keys, result_part(order.chunk), pack_payload(result))
    store.deliver(keys, order.chunk, "end", [carried, kept])


def _spooled(payload: Packed, value: Packed) -> Packed:
    """A kept value with its large buffers as files, where the session shares a directory."""
    call = Call.unpack(payload)
    spool = SessionInfo.unpack(call.session).spool
    if spool is None:
        return value
    files = Spool(spool, f"r.{call.chunk}.kept{os.getpid()}")
    buffers: list[Buffer] = [files.store(buffer) for buffer in value.buffers]
    return Packed(value.body, buffers)

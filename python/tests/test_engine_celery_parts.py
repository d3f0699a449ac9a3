"""The parts of the Celery engine that need neither Celery nor Redis: layout, beats, losses, addresses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("celery", reason="Celery is not installed")

from anant_bridge.engines.celery_address import own_address, read_urls, shown
from anant_bridge.engines.celery_carry import carry, join, pack_payload, unpack_payload
from anant_bridge.engines.celery_keys import INLINE_BYTES_MAX, PART_BYTES, SessionKeys
from anant_bridge.engines.celery_order import Order, OrderVersionError, StoredObject
from anant_bridge.engines.celery_profile import SETTINGS, make_app, store_url
from anant_bridge.engines.celery_publisher import to_step
from anant_bridge.engines.celery_roster import DEAD_S, Roster
from anant_bridge.engines.celery_watch import LOOKS_MAX, Watch
from anant_bridge.engines.option_reader import OptionReader
from anant_bridge.errors import BridgeError
from anant_bridge.packed import FileBuffer, Packed


def beat(count: int, *active: str, **more: Any) -> bytes:
    versions = {"anant_bridge": "0.1.0", "celery": "5.7.0", "python": "3.11.7"}
    fields = {"count": count, "slots": 2, "queues": ["anant"], "versions": versions, "active": list(active)}
    return json.dumps(fields | more).encode()


class TestCarry:
    def test_payloads_come_back_and_files_are_only_named(self) -> None:
        payload = Packed(b"body", [b"bytes", memoryview(b"view"), FileBuffer("/nowhere/file", 8, 100)])
        back = unpack_payload(pack_payload(payload))
        assert back.body == b"body"
        assert back.buffers == [b"bytes", b"view", FileBuffer("/nowhere/file", 8, 100)]

    @pytest.mark.parametrize("data", [b"\x90", b"\x92\x01\x02", b"\x92\xc4\x00\x91\x01"])
    def test_malformed_payloads_are_refused(self, data: bytes) -> None:
        with pytest.raises((ValueError, TypeError)):
            unpack_payload(data)

    def test_small_data_travels_inline_and_large_data_in_parts(self) -> None:
        parts: dict[int, bytes] = {}
        assert carry(b"x" * INLINE_BYTES_MAX, parts.__setitem__) == b"x" * INLINE_BYTES_MAX
        assert not parts
        large = bytes(range(256)) * ((2 * PART_BYTES + 1_000) // 256)
        assert carry(large, parts.__setitem__) == 3
        assert join([parts[index] for index in range(3)]) == large
        with pytest.raises(LookupError):
            join([parts[0], None])

    def test_orders_come_back_and_other_versions_are_refused(self) -> None:
        order = Order(
            "p", "c1", b"payload", [StoredObject("o", b"inline"), StoredObject("q", 2)], "result:t:1"
        )
        assert Order.from_args(order.to_args()) == order
        with pytest.raises(OrderVersionError):
            Order.from_args([99, *order.to_args()[1:]])


class TestRoster:
    def test_a_first_beat_proves_nothing_a_second_does(self) -> None:
        roster = Roster()
        roster.update({b"w": beat(7)}, 0.0)
        assert roster.state("w", 0.0) == "unproven"
        assert roster.serving("anant", 0.0) == []
        roster.update({b"w": beat(8)}, 1.0)
        assert [worker.slots for worker in roster.serving("anant", 1.0)] == [2]
        assert roster.serving("other", 1.0) == []

    def test_a_beat_that_stands_still_is_a_dead_worker(self) -> None:
        roster = Roster()
        for now in range(3):
            roster.update({b"w": beat(now)}, float(now))
        assert roster.update({b"w": beat(2)}, 2.0 + DEAD_S) == []
        assert roster.update({b"w": beat(2)}, 2.1 + DEAD_S) == ["w"]
        assert roster.update({}, 20.0) == []
        assert roster.state("w", 20.0) == "unknown"

    def test_foreign_entries_are_ignored(self) -> None:
        roster = Roster()
        roster.update({b"a": b"not json", b"b": b"{}", b"c": beat(1)}, 0.0)
        assert list(roster.workers) == ["c"]

    @pytest.mark.parametrize(
        ("what", "version"), [("anant_bridge", "0.2.0"), ("python", "3.12.1"), ("celery", "4.4.0")]
    )
    def test_other_versions_are_refused(self, what: str, version: str) -> None:
        roster = Roster()
        here = {"anant_bridge": "0.1.0", "celery": "5.6.1", "python": "3.11.2"}
        for count in (1, 2):
            roster.update({b"w": beat(count)}, 0.0)
        roster.check_versions(here, "anant", 0.0)
        with pytest.raises(BridgeError) as caught:
            roster.check_versions(here | {what: version}, "anant", 0.0)
        assert caught.value.code == "E_VERSION_SKEW"


class TestWatch:
    def losses(self, looks: int, **more: Any) -> list[str]:
        roster = more.pop("roster", Roster())
        watch, found = Watch(), []
        for number in range(looks):
            found = watch.look(
                float(number), ["c1"], more.get("tickets", ()), more.get("running", {}), roster
            )
        return [loss.reason for loss in found]

    def alive(self, *active: str) -> Roster:
        roster = Roster()
        for count in (1, 2):
            roster.update({b"w": beat(count, *active)}, 0.0)
        return roster

    def test_what_has_a_ticket_or_a_living_worker_is_not_lost(self) -> None:
        assert not self.losses(20, tickets=["c1"])
        assert not self.losses(5, running={"c1": "w 1 x"}, roster=self.alive("c1"))

    def test_what_nobody_has_is_lost_after_several_looks(self) -> None:
        assert not self.losses(LOOKS_MAX - 1)
        assert "no longer knows" in self.losses(LOOKS_MAX)[0]
        assert "no longer has" in self.losses(LOOKS_MAX, running={"c1": "w 1 x"}, roster=self.alive())[0]
        assert "has ended" in self.losses(LOOKS_MAX, running={"c1": "w 1 x"})[0]

    def test_what_a_dead_worker_had_is_lost_at_once(self) -> None:
        watch = Watch()
        found = watch.look(DEAD_S + 1, ["c1"], (), {"c1": "w 1 x"}, self.alive("c1"))
        assert [loss.chunk for loss in found] == ["c1"]

    def test_one_look_that_finds_it_starts_the_count_anew(self) -> None:
        watch, roster = Watch(), Roster()
        for tickets in [(), (), (), ("c1",), (), (), ()]:
            assert not watch.look(0.0, ["c1"], tickets, {}, roster)


class TestAddress:
    def test_results_go_to_a_redis_broker(self) -> None:
        assert read_urls("redis://h:1/0", OptionReader({})) == ("redis://h:1/0", "redis://h:1/0")
        urls = read_urls("amqp://h//", OptionReader({"result_url": "redis://r/1"}))
        assert urls == ("amqp://h//", "redis://r/1")
        with pytest.raises(BridgeError) as caught:
            read_urls("amqp://h//", OptionReader({}))
        assert caught.value.code == "E_CONFIG_INVALID"

    def test_tls_files_become_part_of_the_url(self, tmp_path: Path) -> None:
        files = {"ca_file": "/c a.pem", "cert_file": "/c.pem", "key_file": "/k.pem"}
        broker, result = read_urls("redis://h:1/0", OptionReader({"tls": files}))
        assert broker == result
        assert broker == (
            "rediss://h:1/0?ssl_cert_reqs=required&ssl_ca_certs=/c%20a.pem&ssl_certfile=/c.pem&ssl_keyfile=/k.pem"
        )
        with pytest.raises(BridgeError):
            read_urls("redis://h", OptionReader({"tls": {"ca": "/x"}}))

    def test_passwords_are_not_shown(self) -> None:
        assert shown("redis://:secret@h:1/0") == "redis://:***@h:1/0"
        assert shown("redis://h:1/0") == "redis://h:1/0"

    def test_the_side_channel_stays_on_loopback_for_a_local_store(self) -> None:
        assert own_address("unix:///x.sock") == own_address("redis://localhost:1") == "127.0.0.1"

    def test_sockets_and_urls_as_redis_py_reads_them(self) -> None:
        assert store_url("redis+socket:///a/r.sock") == "unix:///a/r.sock?db=0"
        assert store_url("redis+socket:///a/r.sock?virtual_host=3") == "unix:///a/r.sock?db=3"
        assert store_url("amqp://h//") is None


def test_higher_priorities_are_more_urgent_although_redis_counts_down() -> None:
    assert [to_step(priority) for priority in (100, 10, 9.5, 0.1, 0, -0.1, -5)] == [0, 0, 3, 3, 6, 9, 9]


def test_the_settings_profile_is_what_our_promises_need() -> None:
    conf = make_app("redis://127.0.0.1:1/0", "redis://127.0.0.1:1/0").conf
    assert conf.task_acks_late and not conf.task_reject_on_worker_lost
    assert conf.accept_content == ["json", "msgpack"]
    assert conf.result_backend == "disabled://" and conf.task_ignore_result
    assert conf.worker_prefetch_multiplier == 1
    assert set(SETTINGS) <= set(conf.keys())


def test_keys_of_a_session_share_a_prefix_and_a_slot() -> None:
    keys = SessionKeys.of("prod", "abc")
    names = [keys.lease, keys.tickets, keys.running, keys.results, keys.part("order:c", 0)]
    assert all(name.startswith("prod:{abc}:") for name in names)
    assert len(set(names)) == len(names)

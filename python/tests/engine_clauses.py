"""What must hold on every engine; `test_local.py` and `test_dask.py` run it on theirs."""

from __future__ import annotations

import json
import os
import signal
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anant_bridge.values import BigInt, ObjectRef, PortableMap, encode
from bridge_client import BridgeClient, CallError
from conftest import NODE_HOST, descendants, eventually, is_alive, listening, node_options
from portable_kernel import KERNEL, KERNEL_HASH, SCALE, kernel

TYPESCRIPT = """
export const add = (input) => input.a + input.b;
export const fail = () => { throw new RangeError('from node', { cause: new TypeError('deeper') }); };
export async function* count(input) { for (let i = 0; i < input; i += 1) yield i; }
export const spin = () => { for (;;); };
export const pid = () => process.pid;
export const exit = () => process.exit(3);
export const total = (input) => input.values.reduce((a, b) => a + b, 0) + input.more.n;
export async function wait(_input, context) {
  await new Promise((resolve) => context.signal.addEventListener('abort', resolve, { once: true }));
  throw context.signal.reason;
}
"""


class EngineClauses:
    """Subclasses give a `client` fixture."""

    # Values and errors.

    def test_values_travel_and_come_back(self, client: BridgeClient) -> None:
        value = {
            "list": [1, 2.5, None, True, "é", BigInt(2**60)],
            "bytes": b"x" * 5000,
            "map": PortableMap({1: "a"}),
            "array": np.arange(5, dtype="<i4"),
        }
        status, back, _ = client.run("tasks:echo", value)
        assert status == "ok"
        assert back["list"] == value["list"] and type(back["list"][5]) is BigInt
        assert back["bytes"] == value["bytes"] and back["map"] == value["map"]
        assert np.array_equal(back["array"], value["array"])

    def test_a_coroutine_is_awaited(self, client: BridgeClient) -> None:
        assert client.run("tasks:from_coroutine", 1)[:2] == ["ok", {"coroutine": 1}]

    def test_exceptions_keep_type_message_cause_and_traceback(self, client: BridgeClient) -> None:
        status, error, _ = client.run("tasks:fail", "value")
        assert (status, error["type"], error["message"]) == ("app-error", "ValueError", "bad value")
        assert error["cause"]["type"] == "KeyError"
        assert "tasks.py" in error["traceback"] and "run_chunk" not in error["traceback"]

    def test_results_that_are_not_portable_are_refused_by_path(self, client: BridgeClient) -> None:
        status, error, _ = client.run("tasks:leak_function")
        assert (status, error["code"], error["retryable"]) == ("app-error", "E_VALUE_NOT_PORTABLE", False)
        assert "result.rows[1].f" in error["message"]

    @pytest.mark.parametrize("target", ["no_such_module:f", "tasks:no_such_function", "__main__:f", "tasks"])
    def test_functions_that_are_not_there_are_refused(self, client: BridgeClient, target: str) -> None:
        status, detail, _ = client.run(target)
        assert (status, detail[0]) == ("refused", "E_TASK_NOT_FOUND")
        assert detail[2]

    def test_versions_are_compared_when_given(self, client: BridgeClient) -> None:
        definition = {"kind": "python", "name": "n", "target": "tasks:echo", "version": "1.2.3"}
        assert client.run(definition, 5)[:2] == ["ok", 5]
        status, detail, _ = client.run(definition | {"version": "9.9.9"}, 5)
        assert (status, detail[0]) == ("refused", "E_TASK_VERSION")

    # Many tasks.

    def test_many_tiny_tasks_each_get_their_own_result(self, client: BridgeClient) -> None:
        results = client.map("tasks:echo", list(range(1500)))
        assert [result[:2] for result in results] == [["ok", n] for n in range(1500)]

    def test_every_attempt_starts_once_and_ends_once(self, client: BridgeClient) -> None:
        keys = client.submit("tasks:noop", [None] * 300)
        client.until(lambda: all(key in client.ends for key in keys))
        for key in keys:
            assert [e[0] for e in client.events if e[0] != "state" and (e[1], e[2]) == key] == [
                "start",
                "end",
            ]

    def test_a_long_task_in_a_chunk_holds_up_no_other(
        self, client: BridgeClient, tmp_path: Path, gate: Path
    ) -> None:
        client.map("tasks:sometimes_wait", [{"n": n} for n in range(200)])
        inputs = [{"n": n, "log": str(tmp_path / "log")} for n in range(100)]
        inputs[40]["release"] = str(gate)
        keys = client.submit("tasks:sometimes_wait", inputs)
        others = [key for index, key in enumerate(keys) if index != 40]
        client.until(lambda: all(key in client.ends for key in others))
        assert keys[40] not in client.ends
        gate.touch()
        assert client.outcome(keys[40])[:2] == ["ok", "released"]
        assert sorted(map(int, (tmp_path / "log").read_text().split())) == list(range(100))

    def test_a_submit_of_an_open_attempt_is_ignored_and_an_older_one_refused(
        self, client: BridgeClient, tmp_path: Path, gate: Path
    ) -> None:
        waiting = {"release": str(gate)}
        client.submit("tasks:wait_for_file", [waiting], ids=["twice"])
        client.submit("tasks:wait_for_file", [waiting], ids=["twice"])
        gate.touch()
        assert client.outcome(("twice", 1))[0] == "ok"
        client.submit("tasks:echo", [1], ids=["twice"])
        client.until(lambda: len(client.events_of(("twice", 1), "end")) == 2)
        assert client.ends["twice", 1][1][0] == "E_TASK_DUPLICATE"
        assert client.run("tasks:echo", 3, ids=["twice"], attempt=2)[:2] == ["ok", 3]

    # Losses.

    def test_a_task_that_ends_its_process_is_lost_and_others_are_not(self, client: BridgeClient) -> None:
        status, (_, started, suspect), _ = client.run("tasks:die")
        assert (status, started, suspect) == ("lost", "yes", True)
        assert client.run("tasks:echo", 1)[:2] == ["ok", 1]

    def test_a_killed_worker_loses_only_its_task(
        self, client: BridgeClient, tmp_path: Path, gate: Path
    ) -> None:
        started = tmp_path / "pid"
        (key,) = client.submit("tasks:wait_for_file", [{"started": str(started), "release": str(gate)}])
        client.started(key)
        eventually(lambda: started.exists() and started.read_text() != "")
        os.kill(int(started.read_text()), signal.SIGKILL)
        others = client.submit("tasks:echo", list(range(20)))
        status, (_, begun, _), _ = client.outcome(key)
        assert (status, begun) == ("lost", "yes")
        client.until(lambda: all(other in client.ends for other in others))
        assert {client.ends[other][0] for other in others} == {"ok"}

    def test_a_chunk_that_kills_its_worker_is_told_apart(self, client: BridgeClient, tmp_path: Path) -> None:
        client.map("tasks:sometimes_wait", [{"n": n} for n in range(200)])
        log = tmp_path / "log"
        inputs: list[dict[str, Any]] = [{"n": n, "log": str(log)} for n in range(60)]
        inputs[17]["die"] = True
        keys = client.submit("tasks:sometimes_wait", inputs)
        client.until(lambda: all(key in client.ends for key in keys))
        status, (_, started, suspect), _ = client.ends[keys[17]]
        assert (status, started, suspect) == ("lost", "yes", True)
        for index, key in enumerate(keys):
            if index == 17:
                continue
            status, detail, _ = client.ends[key]
            # Those that had run before it in its chunk are lost with it; none that had not begun is.
            assert status == "ok" or (status == "lost" and detail[1:] == ["yes", False] and index < 17)
        runs = sorted(map(int, log.read_text().split()))
        assert runs == list(range(60))

    # Cancelling.

    def test_a_running_task_is_asked_to_stop(self, client: BridgeClient) -> None:
        (key,) = client.submit("tasks:until_cancelled", [None])
        client.started(key)
        assert client.cancel(key, "ask") in ("requested", "cancelled")
        assert client.outcome(key)[:2] == ["cancelled", "ask"]

    def test_a_task_may_finish_although_it_was_asked(self, client: BridgeClient) -> None:
        (key,) = client.submit("tasks:ignores_cancel", [None])
        client.started(key)
        assert client.cancel(key, "ask") == "requested"
        assert client.outcome(key)[:2] == ["ok", "finished all the same"]

    def test_a_running_task_is_killed(self, client: BridgeClient) -> None:
        (key,) = client.submit("tasks:spin", [None])
        client.started(key)
        assert client.cancel(key, "kill") == "cancelled"
        assert client.outcome(key)[:2] == ["cancelled", "kill"]
        assert client.run("tasks:echo", 1)[:2] == ["ok", 1]

    def test_queued_tasks_are_cancelled_and_never_run(
        self, client: BridgeClient, tmp_path: Path, gate: Path
    ) -> None:
        held = client.submit("tasks:wait_for_file", [{"release": str(gate)}] * 4)
        marks = [str(tmp_path / f"mark{n}") for n in range(40)]
        queued = client.submit("tasks:mark", marks)
        answers = client.call("cancel", requests=[[*key, "ask"] for key in queued])
        assert set(answers) == {"cancelled"}
        gate.touch()
        client.until(lambda: all(key in client.ends for key in held + queued))
        assert {tuple(client.ends[key][:2]) for key in queued} == {("cancelled", "ask")}
        assert {client.ends[key][0] for key in held} == {"ok"}
        assert not [path for path in marks if os.path.exists(path)]

    def test_cancelling_what_has_ended_or_was_never_there(self, client: BridgeClient) -> None:
        (key,) = client.submit("tasks:echo", [1])
        client.outcome(key)
        assert client.cancel(key, "ask") == "already-done"
        assert client.cancel(("never", 1), "kill") == "unknown-task"

    def test_forgetting_ends_the_attempt_at_once(self, client: BridgeClient, gate: Path) -> None:
        (key,) = client.submit("tasks:wait_for_file", [{"release": str(gate)}])
        client.started(key)
        client.cancel(key, "forget")
        assert client.outcome(key)[:2] == ["cancelled", "forget"]
        gate.touch()
        assert len(client.events_of(key, "end")) == 1

    # Progress and streams.

    def test_progress_and_context(self, client: BridgeClient) -> None:
        (key,) = client.submit("tasks:report", [5])
        assert client.outcome(key)[:2] == ["ok", f"{key[0]}/1"]
        assert client.events_of(key, "progress")[-1][3:] == [5, 5, "step 5"]

    def test_streams_wait_for_credits(self, client: BridgeClient, tmp_path: Path) -> None:
        log = tmp_path / "log"
        value = {"items": 40, "log": str(log)}
        (key,) = client.submit("tasks:count_marked", [value], options={"output": "stream"})
        client.until(lambda: len(client.events_of(key, "item")) == 16)
        client.run("tasks:echo", 1)
        assert len(log.read_text()) <= 16
        client.send("credit", {"grants": [[*key, 100]]})
        assert client.outcome(key)[:2] == ["ok", None]
        items = client.events_of(key, "item")
        assert [item[3] for item in items] == [item[4] for item in items] == list(range(40))

    def test_a_stream_that_fails_delivers_its_items_first(self, client: BridgeClient) -> None:
        (key,) = client.submit("tasks:count_then_fail", [7], options={"output": "stream"})
        status, error, _ = client.outcome(key)
        assert (status, error["message"]) == ("app-error", "after the last")
        assert len(client.events_of(key, "item")) == 7

    def test_a_stream_without_credits_can_be_cancelled(self, client: BridgeClient) -> None:
        (key,) = client.submit("tasks:count", [1000], options={"output": "stream"})
        client.until(lambda: len(client.events_of(key, "item")) == 16)
        client.cancel(key, "ask")
        assert client.outcome(key)[:2] == ["cancelled", "ask"]

    # Large data and objects.

    def test_large_arrays_travel_as_files_and_leave_none(self, client: BridgeClient) -> None:
        data = np.arange(1_000_000.0)
        packed = encode({"values": data})
        packed.buffers = [client.store_file(data.data.cast("B"), "large-input")]
        status, back, _ = client.run("tasks:echo", packed)
        assert status == "ok" and np.array_equal(back["values"], data)
        eventually(lambda: os.listdir(client.shared_dir) == ["probe"])

    def test_stored_objects(self, client: BridgeClient) -> None:
        value = {"n": 7, "data": np.arange(300_000.0)}
        assert client.put("obj-1", value)["bytes"] > 2_400_000
        back = client.call("get", object="obj-1")
        assert back["n"] == 7 and np.array_equal(back["data"], value["data"])
        inputs = {"a": [ObjectRef("obj-1", client.hello["engine"])]}
        status, back, _ = client.run("tasks:echo", inputs, references=["obj-1"])
        assert status == "ok" and back["a"][0]["n"] == 7
        assert client.call("release", objects=["obj-1", "never"]) is True
        with pytest.raises(CallError) as caught:
            client.call("get", object="obj-1")
        assert caught.value.code == "E_OBJECT_LOST"
        status, detail, _ = client.run("tasks:echo", ObjectRef("obj-1", "x"), references=["obj-1"])
        assert (status, detail[0]) == ("refused", "E_OBJECT_LOST")

    def test_results_by_reference_stay_with_the_engine(self, client: BridgeClient) -> None:
        status, (name, size), _ = client.run("tasks:big", 50_000, options={"output": "reference"})
        assert status == "ok-reference" and size >= 400_000
        ref = ObjectRef(name, client.hello["engine"])
        assert client.run("tasks:total", ref, references=[name])[:2] == ["ok", float(sum(range(50_000)))]
        assert client.call("get", object=name).shape == (50_000,)
        client.call("release", objects=[name])
        status, error, _ = client.run("tasks:fail", "x", options={"output": "reference"})
        assert (status, error["type"]) == ("app-error", "ValueError")

    def test_at_most_once_runs(self, client: BridgeClient, tmp_path: Path) -> None:
        path = str(tmp_path / "mark")
        assert client.run("tasks:mark", path, options={"delivery": "at-most-once"})[:2] == ["ok", "marked"]
        assert Path(path).read_text() == "x"

    # Kernels.

    def test_kernels_run_from_the_same_bytes(self, client: BridgeClient) -> None:
        client.send_blob(KERNEL_HASH, KERNEL)
        values = np.linspace(0, 1, 1000)
        status, back, _ = client.run(kernel("scale", SCALE, "u32"), {"x": values, "k": 3})
        assert status == "ok" and back["result"] == 1000
        assert back["out"].tobytes() == (values * 3).tobytes()
        status, error, _ = client.run(kernel("trap", []), {})
        assert (status, error["code"]) == ("app-error", "E_KERNEL_TRAP")
        for definition, value, word in (
            (kernel("scale", SCALE, "u32"), {"x": values.astype("<f4"), "k": 3}, '"x"'),
            (kernel("scale", SCALE, "u32"), {"x": values}, '"k"'),
            (kernel("scale", SCALE, "u32"), {"x": values, "k": 1, "q": 1}, '"q"'),
            (kernel("scale", SCALE), {"x": values, "k": 1}, "signature"),
            (kernel("nothing", []), {}, "nothing"),
        ):
            status, detail, _ = client.run(definition, value)
            assert (status, detail[0]) == ("refused", "E_KERNEL_INVALID") and word in detail[1]
        status, detail, _ = client.run(kernel("scale", SCALE, "u32"), {"x": np.zeros(2_000_000), "k": 1})
        assert status in ("refused", "app-error") and "E_OUT_OF_MEMORY" in json.dumps(detail)

    # TypeScript.

    def typescript(
        self, client: BridgeClient, tmp_path: Path, export: str, version: str = ""
    ) -> dict[str, Any]:
        if node_options() is None:
            pytest.skip(f"the Node host program {NODE_HOST} is not built")
        module = tmp_path / "tasks.mjs"
        module.write_text(TYPESCRIPT)
        return {
            "kind": "typescript",
            "name": export,
            "module": module.as_uri(),
            "export": export,
            "version": version or sha256(TYPESCRIPT.encode()).hexdigest()[:16],
        }

    def test_typescript_tasks_run_in_a_node_child(self, client: BridgeClient, tmp_path: Path) -> None:
        add = self.typescript(client, tmp_path, "add")
        assert client.run(add, {"a": 2, "b": 3})[:2] == ["ok", 5]
        status, error, _ = client.run(self.typescript(client, tmp_path, "fail"))
        assert (status, error["type"], error["cause"]["type"]) == ("app-error", "RangeError", "TypeError")
        status, detail, _ = client.run(self.typescript(client, tmp_path, "add", "0" * 16), {"a": 1, "b": 1})
        assert (status, detail[0]) == ("refused", "E_TASK_VERSION")
        results = client.map(add, [{"a": n, "b": 1} for n in range(200)])
        assert [result[1] for result in results] == list(range(1, 201))

    def test_typescript_streams_references_and_cancels(self, client: BridgeClient, tmp_path: Path) -> None:
        count = self.typescript(client, tmp_path, "count")
        (key,) = client.submit(count, [30], options={"output": "stream"})
        client.until(lambda: len(client.events_of(key, "item")) == 16)
        client.send("credit", {"grants": [[*key, 30]]})
        assert client.outcome(key)[:2] == ["ok", None]
        assert [item[4] for item in client.events_of(key, "item")] == list(range(30))
        client.put("ts-object", {"n": 100})
        total = self.typescript(client, tmp_path, "total")
        value = {"values": np.arange(4.0), "more": ObjectRef("ts-object", client.hello["engine"])}
        assert client.run(total, value, references=["ts-object"])[:2] == ["ok", 106]
        (key,) = client.submit(self.typescript(client, tmp_path, "wait"), [None])
        client.started(key)
        client.cancel(key, "ask")
        assert client.outcome(key)[:2] == ["cancelled", "ask"]

    def test_killing_a_typescript_task_ends_its_child_only(
        self, client: BridgeClient, tmp_path: Path
    ) -> None:
        workers = {client.run("tasks:pid")[1] for _ in range(10)}
        (key,) = client.submit(self.typescript(client, tmp_path, "spin"), [None])
        client.started(key)
        assert client.cancel(key, "kill") == "cancelled"
        assert client.outcome(key)[:2] == ["cancelled", "kill"]
        assert all(is_alive(pid) for pid in workers)
        status, detail, _ = client.run(self.typescript(client, tmp_path, "exit"))
        assert (status, detail[1:]) == ("lost", ["yes", True]) and "3" in detail[0]
        assert client.run(self.typescript(client, tmp_path, "add"), {"a": 1, "b": 1})[:2] == ["ok", 2]

    # The bridge as a whole.

    def test_health(self, client: BridgeClient) -> None:
        def is_ready() -> bool:
            health = client.call("health")
            return bool(health["state"] == "ready" and health["slots"] == 2 and health["open_tasks"] == 0)

        eventually(is_ready)

    def test_protocol_errors_are_answered(self, client: BridgeClient) -> None:
        client.send("nonsense", {})
        _, body, _ = client.wait_for(lambda kind, body: kind == "error")
        assert "nonsense" in body["message"]
        assert client.run("tasks:echo", 1)[:2] == ["ok", 1]


class LoopbackClauses:
    """For engines whose processes the bridge has all to itself."""

    def test_nothing_listens_outside_loopback(self, client: BridgeClient) -> None:
        client.run("tasks:noop")
        addresses = listening([client.process.pid, *descendants(client.process.pid)])
        assert addresses and all(address.startswith("0100007F:") for address in addresses)

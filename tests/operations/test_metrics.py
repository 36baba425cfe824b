"""A scraper reads the sum over all processes, on the loopback and on a port of its own."""

import re
from pathlib import Path

import httpx2
import pytest

from registry.operations import exporter, memory, tally
from tests.operations import processes
from tests.postgresql import free_port


def _read(port: int) -> dict[str, float]:
    text = httpx2.get(f"http://127.0.0.1:{port}/metrics", timeout=60).text
    pairs = re.findall(r"^(\w+(?:\{.*\})?) (\S+)$", text, re.MULTILINE)
    return {name: float(value) for name, value in pairs}


def test_requests_of_all_processes_are_added_up(tmp_path: Path) -> None:
    folder, port, told_at = processes.empty(tmp_path / "registry"), free_port(), free_port()
    words = ["serve", "--port", str(port), "--workers", "2"]
    base = f"http://127.0.0.1:{port}"
    count = '{method="GET",route="/catalogue/{code}",status="404"}'
    with processes.run(words, folder, HALLMARK_SERVE_METRICS_PORT=str(told_at)) as server:
        processes.wait_for(base)
        for number in range(40):  # a new connection each, so that both processes get some
            assert httpx2.get(f"{base}/catalogue/9-99-99-{number:02}").status_code == 404
        for _ in range(3):
            httpx2.post(f"{base}/api/v1/verify", content=b"no certificate")
        found = processes.until(
            lambda: _read(told_at), lambda read: read.get(f"hallmark_requests_total{count}") == 40
        )
        assert found['hallmark_request_seconds_count{route="/catalogue/{code}"}'] == 40
        assert found['hallmark_request_seconds_bucket{le="+Inf",route="/catalogue/{code}"}'] == 40
        assert found['hallmark_verdicts_total{verdict="unrecognised"}'] == 3
        sizes = [value for name, value in found.items() if name.startswith("hallmark_resident")]
        assert len(sizes) >= 3 and min(sizes) > 10 * 2**20
        assert httpx2.get(f"{base}/metrics").status_code == 404
        server.terminate()
        server.communicate(timeout=120)
        assert server.returncode == 0
        with pytest.raises(httpx2.TransportError):
            _read(told_at)


def test_counts_of_a_process_that_died_stay(tmp_path: Path) -> None:
    (tmp_path / "1-aa.json").write_text('{"hallmark_verdicts": [["valid", 5]]}')
    (tmp_path / "2-bb.json").write_text('{"hallmark_verdicts": [["valid", 2], ["forged", 1]]}')
    (tmp_path / "3-cc.json").write_text("cut o")
    found = {
        (sample.name, sample.labels["verdict"]): sample.value
        for family in exporter.Tallies(tmp_path, 1).collect()
        for sample in family.samples
        if family.name == "hallmark_verdicts"
    }
    assert found == {
        ("hallmark_verdicts_total", "valid"): 7,
        ("hallmark_verdicts_total", "forged"): 1,
    }


def test_a_duration_falls_into_its_bucket() -> None:
    times = tally.Times("example", "An example.", ("route",))
    for seconds in (0.0, 0.001, 0.0011, 10.0, 10.1):
        times.add(seconds, "/x")
    (row,) = [row for _, row in times.dump()]
    assert row[:3] == [2, 1, 0] and row[-3:-1] == [1, 1]
    assert row[-1] == pytest.approx(20.1021)


def test_memory_of_a_process_and_its_children_is_told(tmp_path: Path) -> None:
    folder = processes.empty(tmp_path / "registry")
    with processes.listener() as held:
        words = ["serve", "--fd", str(held.fileno()), "--workers", "2"]
        with processes.run(words, folder, [held.fileno()]) as server:
            processes.wait_for(f"http://127.0.0.1:{held.getsockname()[1]}")
            tree = processes.until(
                lambda: list(memory.tree(server.pid)), lambda found: len(found) >= 3
            )
            assert tree[0][0] == server.pid
            assert all(size > 0 for _, _, size in tree)

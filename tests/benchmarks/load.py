"""Load from another process: wrk where it is installed, else a small client of our own.

``python -m tests.benchmarks.load PORT PATH FILE SECONDS`` posts the lines of a file in turn over 32
connections that stay open, and prints how many answers of status 200 came.
"""

import asyncio
import re
import shutil
import subprocess
import sys
import time
from itertools import cycle
from pathlib import Path

CONNECTIONS = 32
_WRK = """
local bodies, at = {}, 0
for line in io.lines("%s") do bodies[#bodies + 1] = line end
wrk.method = "POST"
wrk.headers["Content-Type"] = "text/plain"
function request() at = at %% #bodies + 1 return wrk.format(nil, nil, nil, bodies[at]) end
function done(summary)
  local e = summary.errors
  print("answered " .. summary.requests .. " bad " .. e.status + e.read + e.connect + e.timeout)
end
"""


def answered(port: int, path: str, bodies: Path, seconds: int) -> int:
    """How many requests were answered in that time.

    Raises:
        RuntimeError: one was answered by another status, or not at all.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        command = [sys.executable, "-m", __name__, str(port), path, str(bodies), str(seconds)]
    else:
        script = bodies.with_suffix(".lua")
        script.write_text(_WRK % bodies)
        url = f"http://127.0.0.1:{port}{path}"
        command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=True)
    found = re.search(r"answered (\d+) bad (\d+)", done.stdout)
    if found is None or int(found[2]):
        raise RuntimeError(f"the load was not answered as it should: {done.stdout[-300:]}")
    return int(found[1])


async def _connection(port: int, requests: "cycle[bytes]", end: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    count = 0
    while time.monotonic() < end:
        writer.write(next(requests))
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(head.decode("latin-1"))
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        if length is not None:
            await reader.readexactly(int(length[1]))
        count += 1
    writer.close()
    return count


async def _client(port: int, path: str, bodies: list[str], seconds: int) -> int:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: text/plain\r\n"
    requests = cycle(
        [f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode() for body in bodies]
    )
    end = time.monotonic() + seconds
    counts = await asyncio.gather(*(_connection(port, requests, end) for _ in range(CONNECTIONS)))
    return sum(counts)


if __name__ == "__main__":
    lines = Path(sys.argv[3]).read_text().split()
    total = asyncio.run(_client(int(sys.argv[1]), sys.argv[2], lines, int(sys.argv[4])))
    print(f"answered {total} bad 0")

"""The verifier with nothing installed but its own few packages, and without a network."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = """
import importlib.abc, sys
class Blocked(importlib.abc.MetaPathFinder):
    names = {names!r}
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names or name in self.names:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocked())
"""
WEB_AND_DATABASE = {
    "fastapi", "starlette", "uvicorn", "jinja2", "sqlalchemy", "alembic", "sqlite3", "psycopg",
    "orjson", "pydantic", "limits", "registry", "babel", "typst",
}  # fmt: skip
MEDIA = {"PIL", "pypdf", "zxingcpp"}
NETWORK = {"socket", "ssl", "urllib.request", "http.client"}


def run(names, program):
    done = subprocess.run(
        [sys.executable, "-c", BLOCK.format(names=names) + program], capture_output=True,
        text=True, check=False, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


PROGRAM = """
from tests.world import World
world = World()
made = world.issue()
files = world.publish()
print(world.check(made.text, files).verdict, world.check(made.json, files).verdict)
for data in (b"%PDF-1.7", bytes([137]) + b"PNG" + bytes([13, 10, 26, 10])):
    report = world.check(data, files)
    print(report.verdict, report.reason, report.form)
"""


def test_without_web_database_and_network():
    out = run(WEB_AND_DATABASE | NETWORK, PROGRAM)
    assert out[:2] == ["valid", "valid"]
    assert out[2:] == ["unrecognised", "unreadable", "pdf", "unrecognised", "unreadable", "image"]


def test_without_media_it_says_so():
    out = run(WEB_AND_DATABASE | MEDIA, PROGRAM)
    assert out[:2] == ["valid", "valid"]
    assert out[2:] == ["undetermined", "reader_missing", "pdf",
                       "undetermined", "reader_missing", "image"]  # fmt: skip

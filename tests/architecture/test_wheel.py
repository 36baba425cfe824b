"""The built wheel carries its data: verifying, migrating and serving from another folder."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        check=True, cwd=ROOT, capture_output=True, timeout=300,
    )  # fmt: skip
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_code_and_data(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for needed in ("verifier/texts.json", "verifier/browser/verify.js", "schemas/spec/qr.md",
                   "registry/data/occupations.csv"):  # fmt: skip
        assert needed in names
    assert not [name for name in names if name.startswith("tests/")]


def test_it_works_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    program = f"""
import sys
sys.path.insert(0, {str(site)!r})
import schemas, verifier.__main__, registry.app, registry.config
assert schemas.__file__.startswith({str(site)!r}), schemas.__file__
from registry.cli import migrate
from pathlib import Path
assert migrate(["--dir", {str(tmp_path / "data")!r}]) == 0
from fastapi.testclient import TestClient
from registry.app import create_app
client = TestClient(create_app(registry.config.Config.for_folder(Path({str(tmp_path / "data")!r}))))
assert client.get("/").status_code == 200
module = client.get("/static/verifier/verify.js")
assert module.status_code == 200 and "javascript" in module.headers["content-type"]
assert verifier.__main__.main(["verify", "no certificate at all", "--json"]) != 0
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path, timeout=120)

"""The units and the image's recipe: sound by systemd's own reading, and hardened."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from registry.operations import tally

FOLDER = Path(tally.__file__).parent
UNITS = sorted((FOLDER / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
ALWAYS = ("NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes",
          "CapabilityBoundingSet=", "User=hallmark-")  # fmt: skip


def _read(name: str) -> str:
    return (FOLDER / "systemd" / name).read_text("utf-8")


@pytest.mark.parametrize("unit", SERVICES, ids=lambda each: each.stem)
def test_every_service_is_hardened(unit: Path) -> None:
    text = unit.read_text("utf-8")
    assert all(each in text for each in ALWAYS)
    assert re.search(
        r"^ExecStart=/opt/hallmark/bin/hallmark (serve|work|backup|status)\b", text, re.M
    )


def test_the_web_can_read_no_signing_key() -> None:
    web, worker = _read("hallmark-serve.service"), _read("hallmark-work.service")
    users = [re.findall(r"^User=(.+)$", text, re.M) for text in (web, worker)]
    assert users == [["hallmark-web"], ["hallmark-work"]]
    assert "InaccessiblePaths=-/var/lib/hallmark/keys" in web
    assert "machine" not in web and "LoadCredential=machine:" in worker


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_them(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text("utf-8").replace("/opt/hallmark/bin/hallmark", "/bin/true")
        (tmp_path / unit.name).write_text(text, "utf-8")
    names = [str(tmp_path / unit.name) for unit in UNITS]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names],
        capture_output=True,
        text=True,
        timeout=60,
    )
    ours = [line for line in done.stderr.splitlines() if "hallmark" in line]
    assert ours == []


def test_the_image_has_no_root_no_network_and_no_host_names() -> None:
    text = (FOLDER / "Containerfile").read_text("utf-8")
    steps = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert any(line.startswith("USER 10001") for line in steps)
    assert "--no-index" in text
    assert re.findall(r"https?://(?!127\.0\.0\.1)\S+", text) == []
    assert not re.search(r"^(ADD|RUN (curl|wget))", text, re.M)

"""Each patch takes one check out of the product; the tests that it names must notice.

A patch begins with what it weakens and which tests must fail for it::

    Weakens: a list that goes backwards is believed
    Test: tests/verifier/test_evidence.py::test_a_list_that_goes_backwards

The packages and their tests are copied to a folder of their own, where the named tests pass as they
are; then each patch is applied, its tests fail by an assertion of their own, and it is taken back.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("schemas", "keys", "verifier", "registry", "tests")
SECONDS = 300
"""Longest run of the tests of one patch."""
SAMPLE = (
    "evidence-rolled-back", "keys-note-threshold", "rules-checker-approves",
    "schemas-cbor-canonical", "trust-threshold", "verifier-tile-differs",
)  # fmt: skip
"""Patches of the small run; ``make prove`` takes all."""
ASSERTED = ("AssertionError", "assert ", "Failed: DID NOT RAISE")
"""How the message of a test begins that failed by what it asserts."""


@dataclass(frozen=True)
class Patch:
    """One patch and the tests that must fail under it."""

    path: Path
    weakens: str
    tests: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> "Patch":
        head, _, _ = path.read_text(encoding="utf-8").partition("\ndiff --git ")
        lines = [line.partition(": ")[::2] for line in head.splitlines() if line]
        assert {name for name, _ in lines} == {"Weakens", "Test"}, path.name
        (weakens,) = (said for name, said in lines if name == "Weakens")
        return cls(path, weakens, tuple(said for name, said in lines if name == "Test"))


PATCHES = {path.stem: Patch.read(path) for path in sorted(Path(__file__).parent.glob("*.patch"))}


class Copy:
    """The packages in a folder of their own, patched there and nowhere else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        left_out = shutil.ignore_patterns("__pycache__", "node_modules", ".venv", "var")
        for package in PACKAGES:
            shutil.copytree(ROOT / package, folder / package, ignore=left_out)
        shutil.copy(ROOT / "pyproject.toml", folder)

    def apply(self, patch: Patch, *, back: bool = False) -> None:
        """Apply a patch or take it back; fewer lines of context, so that neighbours may change."""
        command = ["git", "apply", "-C1", "--whitespace=nowarn", *(["-R"] if back else [])]
        # Outside any repository, so that git takes the paths as they are.
        ceiling = {"GIT_CEILING_DIRECTORIES": str(self.folder.parent)}
        done = subprocess.run(
            [*command, str(patch.path)], cwd=self.folder, env=self._environment(**ceiling),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{patch.path.name} does not apply: {done.stderr}"

    def run(self, tests: tuple[str, ...]) -> tuple[int, dict[str, str], str]:
        """Run tests on the copy: exit status, what each that did not pass said, the output."""
        report = self.folder / "report.xml"
        report.unlink(missing_ok=True)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *tests],
            cwd=self.folder, env=self._environment(), timeout=SECONDS,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        said = {
            _node(case): f"{trouble.tag} {trouble.get('message', '')}"
            for case in ElementTree.parse(report).iter("testcase")
            for trouble in case
            if trouble.tag in ("failure", "error", "skipped")
        }
        return done.returncode, said, done.stdout[-3000:]

    def origin(self) -> list[Path]:
        """Where the packages come from for a Python that runs on the copy."""
        code = "import schemas, keys, verifier, registry, tests\n"
        code += "for each in schemas, keys, verifier, registry, tests: print(each.__file__)"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=self.folder, env=self._environment(),
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return [Path(line).resolve() for line in done.stdout.splitlines()]

    def _environment(self, **more: str) -> dict[str, str]:
        own = {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        return {**os.environ, **own, **more}


def _node(case: ElementTree.Element) -> str:
    return f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("mutated").resolve())


def test_the_copy_is_what_runs(copy: Copy) -> None:
    """An installed package would make every mutation survive, or worse, seem to be caught."""
    assert [path.is_relative_to(copy.folder) for path in copy.origin()] == [True] * len(PACKAGES)


def passes(copy: Copy, patches: list[Patch]) -> None:
    tests = tuple(sorted({test for patch in patches for test in patch.tests}))
    status, said, output = copy.run(tests)
    assert (status, said) == (0, {}), output


def noticed(copy: Copy, patch: Patch) -> None:
    copy.apply(patch)
    try:
        status, said, output = copy.run(patch.tests)
    finally:
        copy.apply(patch, back=True)
    assert status == 1, f"nobody notices that {patch.weakens}\n{output}"
    for test in patch.tests:
        assert any(node == test or node.startswith(f"{test}[") for node in said), (test, output)
    for node, words in said.items():
        assert words.startswith(tuple(f"failure {word}" for word in ASSERTED)), (node, words)


def test_the_sample_passes_unpatched(copy: Copy) -> None:
    passes(copy, [PATCHES[name] for name in SAMPLE])


@pytest.mark.parametrize("name", SAMPLE)
def test_sample(copy: Copy, name: str) -> None:
    noticed(copy, PATCHES[name])


@pytest.mark.prove
def test_all_pass_unpatched(copy: Copy) -> None:
    passes(copy, list(PATCHES.values()))


@pytest.mark.prove
@pytest.mark.parametrize("name", sorted(PATCHES.keys() - set(SAMPLE)))
def test_every_patch(copy: Copy, name: str) -> None:
    noticed(copy, PATCHES[name])

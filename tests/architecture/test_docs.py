"""What the documents say is there: links, commands, targets, tables, acts and policy rows."""

import ast
import re
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from registry.config import SETTINGS, Config
from registry.operations import tally
from registry.records import Base
from registry.rules.policy import published
from verifier.__main__ import GROUP, main

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("schemas", "keys", "verifier", "registry")
PAGES = [ROOT / "README.md", *(page for name in PACKAGES for page in (ROOT / name).rglob("*.md"))]
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
COMMANDS = {"verify", *(entry.name for entry in entry_points(group=GROUP))}
NOT_YET = {"publication"}
"""Policy tables that no code reads yet; the file says so beside them."""

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_MODULE = re.compile(r"`([a-z_]+)(?:\.[^`]*)?`")
_COMMAND = re.compile(r"\bhallmark (?!-|registry|verifier)([a-z]+)")
_TARGET = re.compile(r"\bmake ([a-z]+)")


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def section(page: Path, title: str) -> str:
    """The part of a page under a heading, up to the next one."""
    _, _, rest = text(page).partition(f"\n## {title}\n")
    assert rest, f"{page} has no section {title}"
    return rest.partition("\n## ")[0]


def column(part: str, number: int) -> list[str]:
    """Cells of one column of the table in a section, without its head."""
    rows = [line.split("|") for line in part.splitlines() if line.startswith("|")]
    return [row[number].strip() for row in rows[2:]]


def trees(folder: str) -> list[ast.Module]:
    return [ast.parse(text(path)) for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_relative_link_resolves(page: Path) -> None:
    targets = [each.partition("#")[0] for each in _LINK.findall(text(page))]
    local = [each for each in targets if each and not re.match(r"[a-z]+:", each)]
    assert [each for each in local if not (page.parent / each).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_command_that_is_named_exists(page: Path) -> None:
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text(page), re.DOTALL))
    assert set(_COMMAND.findall(code)) <= COMMANDS
    targets = set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), re.MULTILINE))
    assert set(_TARGET.findall(code)) <= targets


def test_help_lists_every_command_with_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    listed = dict(re.findall(r"^  ([a-z]+) +(\S.*)$", capsys.readouterr().out, re.MULTILINE))
    assert set(listed) == COMMANDS
    named = text(ROOT / "README.md") + text(ROOT / "registry" / "README.md")
    assert [each for each in COMMANDS if f"hallmark {each}" not in named] == []


def test_the_table_of_tables_is_complete() -> None:
    listed = ", ".join(column(section(ROOT / "registry/records/README.md", "Tables"), 2))
    assert set(re.split("[,;] ", listed)) == set(Base.metadata.tables)


def test_every_act_that_is_listed_exists() -> None:
    part = section(ROOT / "registry/acts/README.md", "Acts")
    modules = [re.split(", ", cell) for cell in column(part, 1)]
    for files, cell in zip(modules, column(part, 2), strict=True):
        acts = set(re.split("[,;] ", re.sub(r" \([^)]*\)", "", cell)))
        defined = {
            node.name
            for file in files
            for node in ast.parse(text(ROOT / "registry" / "acts" / f"{file}.py")).body
            if isinstance(node, ast.FunctionDef)
        }
        assert acts <= defined


@pytest.mark.parametrize("folder", ["verifier", "registry/rules", "keys", "registry/documents"])
def test_every_module_of_a_table_exists(folder: str) -> None:
    page = text(ROOT / folder / "README.md")
    _, _, rest = page.partition("|---|---|\n")
    rows = rest.partition("\n\n")[0].splitlines()
    named = {word for row in rows for word in _MODULE.findall(row.split("|")[1])}
    there = {path.stem for path in (ROOT / folder).glob("*.py")}
    assert len(named) > 3
    assert named <= there


@pytest.mark.parametrize("page", sorted((ROOT / "schemas/spec").glob("*.md")), ids=lambda p: p.stem)
def test_every_function_of_a_specification_exists(page: Path) -> None:
    modules = {path.stem: f"{package}.{path.stem}" for package in ("schemas", "keys")
               for path in (ROOT / package).glob("*.py")}  # fmt: skip
    named = re.findall(r"`(?:schemas\.|keys\.)?([a-z_]+)\.([a-z_]+)(?:\([^`]*\))?`", text(page))
    calls = [
        (module, name)
        for module, name in named
        if module in modules and name not in ("py", "md", "note")
    ]
    missing = [
        f"{module}.{name}"
        for module, name in calls
        if not hasattr(import_module(modules[module]), name)
    ]
    assert missing == []


def test_every_policy_table_is_read_by_code() -> None:
    words = {
        node.value
        for tree in trees("registry")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    tables = published().tables
    assert {name for name in tables if name not in words} == NOT_YET
    limits = {str(row["name"]) for row in tables["limits"]}
    assert limits <= words
    source = text(ROOT / "registry/data/policies.toml")
    for name in NOT_YET:
        heading = source[: source.index(f"[[{name}]]")].rpartition("# ---")[2]
        assert "not yet used" in heading


def _settings() -> dict[str, tuple[str, str]]:
    """Setting -> its variable and default, as the page of operations says."""
    page = section(ROOT / "registry/operations/README.md", "Settings")
    names = [cell.strip("`") for cell in column(page, 1)]
    variables = [cell.strip("`") for cell in column(page, 2)]
    return dict(zip(names, zip(variables, column(page, 3), strict=True), strict=True))


def test_every_setting_is_documented() -> None:
    documented = _settings()
    assert set(documented) - {""} == SETTINGS
    page = section(ROOT / "registry/operations/README.md", "Settings")
    assert all(column(page, 4)) and all(column(page, 5))


SET = {
    "base": "https://set.example", "database_url": "sqlite:///set.db", "passphrase_file": "/set",
    "personal_passphrase_file": "/set", "public_url": "s3://set/example",
    "serve_metrics_port": "4242", "work_metrics_port": "4243",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_a_setting_is_read_from_its_variable_and_has_its_default(name: str, tmp_path: Path) -> None:
    variable, default = _settings()[name]
    plain = getattr(Config.for_folder(tmp_path), name)
    said = default.strip("`").replace("DIR", str(tmp_path))
    assert str(plain) == said or (said in ("none", "the folder `public/", "false") and not plain)
    if variable:
        changed = getattr(Config.for_folder(tmp_path, {variable: SET[name]}), name)
        assert str(changed) == SET[name]
    else:
        assert name not in SET


def test_every_variable_that_the_code_reads_is_documented() -> None:
    pages = text(ROOT / "registry/operations/README.md") + text(ROOT / "registry/work/README.md")
    documented = set(re.findall(r"HALLMARK_[A-Z_]+", pages))
    sources = [text(path) for path in (ROOT / "registry").rglob("*.py")]
    read = {name for source in sources for name in re.findall(r"HALLMARK_[A-Z_]+[A-Z]", source)}
    assert read - {"HALLMARK_TALLY_FOLDER"} <= documented


def test_every_metric_is_documented() -> None:
    page = section(ROOT / "registry/operations/README.md", "Watching")
    named = set(re.findall(r"`(hallmark_[a-z_]+?)(?:_total)?`", page))
    told = {each.name for each in (*tally.COUNTS, *tally.TIMES)} | {"hallmark_resident_bytes"}
    looked_up = set(re.findall(r'"(hallmark_[a-z_]+)"', text(ROOT / "registry/cli/gauges.py")))
    assert named == told | looked_up

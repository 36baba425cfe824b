"""Who may import whom, as data; and the other habits that a reader relies on."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STDLIB = frozenset(sys.stdlib_module_names)

PACKAGES: dict[str, frozenset[str]] = {
    "schemas": frozenset({"schemas", "cbor2"}),
    "keys": frozenset({"keys", "schemas", "nacl", "cryptography"}),
    "verifier": frozenset({"verifier", "keys", "schemas"}),
}
MEDIA = frozenset({"PIL", "pypdf", "zxingcpp"})
"""Only ``verifier/media.py`` may import these."""
NETWORK = frozenset({"socket", "urllib.request", "http.client", "http.server", "ssl"})
CLOCK = {
    ("time", "time"), ("time", "time_ns"), ("datetime", "now"), ("datetime", "utcnow"),
    ("date", "today"), ("datetime", "today"),
}  # fmt: skip

LAYERS: dict[str, frozenset[str]] = {
    "rules": frozenset({"rules"}),
    "records": frozenset({"records"}),
    "custody": frozenset({"custody", "rules"}),
    "queries": frozenset({"queries", "records", "rules", "custody"}),
    # An approval reads what it decides on inside its own transaction, by the queries of pages.
    "acts": frozenset({"acts", "queries", "records", "rules", "custody"}),
    "publish": frozenset({"publish"}),
    "documents": frozenset({"documents"}),
    # Counts and log lines: told by web and work, knowing nothing of either.
    "operations": frozenset({"operations"}),
    "exchange": frozenset({"exchange", "rules"}),
    # What a backup is made of, as bytes; who reads and writes the rows is work.
    "backup": frozenset({"backup"}),
    "work": frozenset(
        {
            "work",
            "backup",
            "acts",
            "queries",
            "records",
            "rules",
            "custody",
            "publish",
            "documents",
            "exchange",
            "operations",
        }
    ),
    "web": frozenset(
        {
            "web",
            "acts",
            "queries",
            "rules",
            "exchange",
            "documents",
            "records",
            "custody",
            "operations",
            # The tree alone, to read it; see below.
            "publish",
        }
    ),
}
"""Inside ``registry``: layer -> layers of the registry it may import (``config`` is for all)."""
LAYER_PACKAGES: dict[str, frozenset[str]] = {
    "rules": frozenset({"schemas"}),
    "records": frozenset({"schemas"}),
    "custody": frozenset({"schemas", "keys"}),
    "queries": frozenset({"schemas"}),
    "acts": frozenset({"schemas"}),
    "publish": frozenset({"schemas", "keys"}),
    "documents": frozenset({"schemas"}),
    "operations": frozenset(),
    "exchange": frozenset({"schemas"}),
    "backup": frozenset({"schemas", "keys"}),
    "work": frozenset({"schemas", "keys", "verifier"}),
    "web": frozenset({"schemas", "verifier"}),
}
READING = ("registry.publish.tree", "registry.publish.headers", "registry.publish.storage")
"""What the web may know of ``publish``: where files are and how they are served."""
ENTRY_POINTS = ("registry/web/", "registry/cli/", "registry/work/loop.py", "registry/app.py",
                "registry/demo", "verifier/__main__.py")  # fmt: skip
"""The only places that may ask for the time."""
ASYNC = ("registry/web/api_verify", "registry/web/middleware", "registry/web/journal",
         "registry/cli/server.py")  # fmt: skip
"""The one route over memory, what stands around every route, and the server below them."""


def sources(*packages: str) -> Iterator[tuple[str, ast.Module]]:
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if "/migrations/versions/" not in name:
                yield name, ast.parse(path.read_text(encoding="utf-8"), name)


def imports(tree: ast.Module) -> Iterator[tuple[str, int, bool]]:
    """Every imported module with its line and whether the import stands inside a function."""
    inner = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno, id(node) in inner
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or ""), node.lineno, id(node) in inner


ALL = list(sources("schemas", "keys", "verifier", "registry"))


def test_there_is_something_to_check() -> None:
    assert len(ALL) > 20


@pytest.mark.parametrize(("name", "tree"), ALL, ids=[name for name, _ in ALL])
def test_imports_point_one_way(name: str, tree: ast.Module) -> None:
    package = name.split("/")[0]
    wrong = []
    for module, line, inside in imports(tree):
        top = module.split(".")[0]
        if module.startswith("."):
            wrong.append(f"{name}:{line} relative import")
        elif inside:
            wrong.append(f"{name}:{line} import of {module} inside a function")
        elif package in PACKAGES and top not in STDLIB:
            allowed = PACKAGES[package] | (MEDIA if name == "verifier/media.py" else frozenset())
            if top not in allowed:
                wrong.append(f"{name}:{line} {package} imports {module}")
        if package != "registry" and module in NETWORK and name != "verifier/fetch.py":
            wrong.append(f"{name}:{line} network module {module}")
        if name != "verifier/__main__.py" and module == "verifier.fetch":
            wrong.append(f"{name}:{line} only the command line fetches")
    assert not wrong


def layer_of(name: str) -> str | None:
    parts = name.split("/")
    if parts[0] != "registry" or len(parts) < 3:
        return None
    return parts[1] if parts[1] in LAYERS else None


@pytest.mark.parametrize(
    ("name", "tree"),
    [(n, t) for n, t in ALL if layer_of(n)],
    ids=[n for n, _ in ALL if layer_of(n)],
)
def test_layers_inside_the_registry(name: str, tree: ast.Module) -> None:
    layer = layer_of(name)
    assert layer is not None
    wrong = []
    for module, line, _ in imports(tree):
        parts = module.split(".")
        if parts[0] == "registry" and len(parts) > 1 and parts[1] in LAYERS:
            if parts[1] not in LAYERS[layer]:
                wrong.append(f"{name}:{line} {layer} imports {module}")
        elif parts[0] in ("schemas", "keys", "verifier") and parts[0] not in LAYER_PACKAGES[layer]:
            wrong.append(f"{name}:{line} {layer} imports {module}")
    assert not wrong


def test_web_reads_the_tree_and_signs_nothing() -> None:
    wrong = [
        f"{name}:{line} {module}"
        for name, tree in ALL
        if name.startswith("registry/web/")
        for module, line, _ in imports(tree)
        if module.startswith("registry.publish") and module not in READING
    ]
    assert not wrong


def test_web_and_cli_hold_no_signing_key() -> None:
    wrong = [
        f"{name}:{line} {module}"
        for name, tree in ALL
        if name.startswith("registry/web/") or name == "registry/app.py"
        for module, line, _ in imports(tree)
        if module.split(".")[0] in ("keys", "nacl")
    ]
    assert not wrong


def calls(tree: ast.Module, attribute: str) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Attribute) and node.func.attr == attribute)
            or (isinstance(node.func, ast.Name) and node.func.id == attribute)
        )
    ]


GREPS = {
    "commit": (
        "registry/web/",
        "registry/work/",
        "registry/cli/",
        "registry/demo",
        "registry/app.py",
    ),
    "select": ("registry/queries/", "registry/acts/", "registry/work/"),
}
"""call -> the only places inside ``registry`` that may make it."""


@pytest.mark.parametrize("call", sorted(GREPS))
def test_calls_stay_in_their_layer(call: str) -> None:
    wrong = [
        f"{name}:{line}"
        for name, tree in ALL
        if name.startswith("registry/") and not name.startswith(GREPS[call])
        and "/migrations/" not in name
        for line in calls(tree, call)
    ]  # fmt: skip
    assert not wrong


def test_bytes_layers_never_see_a_session() -> None:
    wrong = [
        name
        for name, tree in ALL
        if name.startswith(
            ("registry/publish/", "registry/documents/", "registry/exchange/", "registry/backup/")
        )
        and any(module.split(".")[0] == "sqlalchemy" for module, _, _ in imports(tree))
    ]
    assert not wrong


def test_only_entry_points_ask_the_time() -> None:
    wrong = []
    for name, tree in ALL:
        if name.startswith(ENTRY_POINTS):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                owner_name = (
                    owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
                )
                if (owner_name, node.func.attr) in CLOCK:
                    wrong.append(f"{name}:{node.lineno}")
    assert not wrong


def test_async_is_one_route() -> None:
    wrong = [
        f"{name}:{node.lineno} {node.name}"
        for name, tree in ALL
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncFunctionDef) and not name.startswith(ASYNC)
    ]
    assert not wrong


def test_templates_never_name_a_mapped_class() -> None:
    tables = {
        node.name
        for name, tree in ALL
        if name.startswith("registry/records/")
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    wrong = [
        f"{path.name}: {word}"
        for path in (ROOT / "registry" / "web").rglob("*.html")
        for word in set(re.findall(r"\b[A-Z][A-Za-z]+(?=\()", path.read_text(encoding="utf-8")))
        if word in tables
    ]
    assert not wrong


def test_the_verifier_imports_without_web_and_database() -> None:
    blocked = ("fastapi", "starlette", "sqlalchemy", "jinja2", "alembic", "socket", "registry",
               "PIL", "pypdf", "zxingcpp")  # fmt: skip
    program = f"""
import importlib.abc, sys
class Block(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in {blocked!r}:
            raise ImportError('blocked: ' + name)
for name in [n for n in sys.modules if n.split('.')[0] in {blocked!r}]:
    del sys.modules[name]
sys.meta_path.insert(0, Block())
import verifier, verifier.verify, verifier.render, schemas.qr, schemas.credential, keys.cose
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, timeout=60)

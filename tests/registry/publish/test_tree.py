"""What a public tree promises, kept by a folder and by a bucket alike."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.config import Config, ConfigError
from registry.publish.headers import FILES, served
from registry.publish.storage import public_tree
from registry.publish.tree import PathError, PublicTree, TreeSource

Opened = Callable[[], PublicTree]


def test_what_was_put_is_there_for_everybody(opened: Opened) -> None:
    tree = opened()
    assert tree.get("s/1") is None
    assert tree.put("s/1", b"one") and opened().get("s/1") == b"one"
    assert tree.put("s/1", b"two") and opened().get("s/1") == b"two"
    assert tree.get("s/2") is None and tree.get("s") is None


def test_what_is_there_already_is_not_written_again(opened: Opened) -> None:
    tree = opened()
    tree.put("s/1", b"one")
    before = opened().list("s/")
    assert not tree.put("s/1", b"one")
    assert not opened().put_all({"s/1": b"one"})
    assert opened().list("s/") == before
    assert opened().put_all({"s/1": b"one", "s/2": b"two"})
    assert opened().list("s/")["s/1"] == before["s/1"]


def test_a_tag_changes_with_the_file(opened: Opened) -> None:
    tree = opened()
    seen = []
    for data in (b"one", b"two", b"three"):
        tree.put("trust/1", data)
        seen.append(opened().list("trust/")["trust/1"])
    assert len(set(seen)) == 3


def test_files_are_listed_by_how_their_paths_begin(opened: Opened) -> None:
    tree = opened()
    names = ["i/1/0", "i/1/10", "i/10/0", "n/" + "a" * 64, "n/" + "ab" * 32, "s/1", "trust/latest"]
    tree.put_all({name: name.encode() for name in names})
    reader = opened()
    assert list(reader.list("")) == sorted(names)
    assert list(reader.list("i/1/")) == ["i/1/0", "i/1/10"]
    assert list(reader.list("i/1")) == ["i/1/0", "i/1/10", "i/10/0"]
    assert list(reader.list("n/ab")) == ["n/" + "ab" * 32]
    assert list(reader.list("b/")) == []


@pytest.mark.parametrize("path", ["", "/s/1", "../s/1", "s/../../x", "s/\0"])
def test_no_path_leaves_the_tree(opened: Opened, path: str) -> None:
    for attempt in (lambda tree: tree.get(path), lambda tree: tree.put(path, b"")):
        with pytest.raises(PathError):
            attempt(opened())


@settings(
    deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(files=st.dictionaries(st.from_regex(r"\A[sbi]/[0-9]{1,3}\Z"), st.binary(max_size=3000)))
def test_any_bytes_come_back(opened: Opened, files: dict[str, bytes]) -> None:
    opened().put_all(files)
    tree = opened()
    assert {path: tree.get(path) for path in files} == files


def test_a_large_file_is_whole(opened: Opened) -> None:
    data = bytes(range(256)) * 2**15
    opened().put("s/1", data)
    assert opened().get("s/1") == data


def test_readers_see_old_or_new_and_never_less(opened: Opened) -> None:
    """While one writes back and forth, others read: a whole file each time."""
    versions = [bytes([letter]) * 200_000 for letter in b"abcdefgh"]
    opened().put("s/1", versions[0])
    with ThreadPoolExecutor(3) as pool:
        reading = [pool.submit(lambda: {opened().get("s/1") for _ in range(25)}) for _ in range(2)]
        for version in versions[1:]:
            opened().put("s/1", version)
        seen = set().union(*(each.result() for each in reading))
    assert seen <= set(versions)


def test_the_verifier_reads_a_tree(opened: Opened) -> None:
    tree = opened()
    tree.put("i/1/2", b"tile")
    source = TreeSource(tree)
    assert source.get("https://certs.example/i/1/2") == source.get("/i/1/2") == b"tile"
    assert source.get("https://certs.example/") is None


@pytest.mark.parametrize(
    "url", ["s3://", "s3://A", "https://bucket/x", "s3://bucket/a b", "bucket"]
)
def test_an_address_that_is_no_bucket(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError, match="public_url must be"):
        public_tree(Config.for_folder(tmp_path, {"HALLMARK_PUBLIC_URL": url}))


def test_every_form_of_path_says_how_it_is_served() -> None:
    paths = ["s/1", "b/1", "i/1/0", "n/" + "0" * 64, "trust/latest", "trust/12",
             "issuers/jst-example/did.json", ".well-known/did.json",
             "schemas/hallmark-certificate-1"]  # fmt: skip
    assert {served(path) for path in paths} == {how for _, how in FILES}
    assert served("recovery/watermark") is None and served("s/1/2") is None
    ages = {path: how.max_age for path in paths if (how := served(path))}
    assert max(ages[path] for path in paths[:5]) <= 30

"""The trees that every test of a tree runs on."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from registry.config import Config
from registry.publish.storage import public_tree
from registry.publish.tree import PublicTree
from tests.registry.publish.storage import BUCKET, Storage, running


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    with running(tmp_path_factory.mktemp("storage")) as storage:
        yield storage


@pytest.fixture
def url(storage: Storage) -> str:
    """A place in the bucket that nobody else uses."""
    return f"s3://{BUCKET}/{uuid4().hex}"


@pytest.fixture(params=["folder", "bucket"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], PublicTree]:
    """Opens the same tree again and again, as processes do."""
    where = request.getfixturevalue("url") if request.param == "bucket" else None
    config = Config.for_folder(tmp_path, {"HALLMARK_PUBLIC_URL": where} if where else {})
    return lambda: public_tree(config)

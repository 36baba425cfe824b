from itertools import pairwise

import pytest

from registry.rules.permutation import place

KNOWN = [127179, 73774, 40281, 25087]


@pytest.mark.parametrize("size", [1, 2, 3, 1000, 1024, 4097])
def test_every_place_is_taken_once(size: int) -> None:
    assert sorted(place(b"k" * 32, counter, size) for counter in range(size)) == list(range(size))


def test_keys_scatter_differently() -> None:
    ours = [place(b"a" * 32, counter, 131072) for counter in range(200)]
    theirs = [place(b"b" * 32, counter, 131072) for counter in range(200)]
    assert ours != theirs
    assert sum(abs(a - b) == 1 for a, b in pairwise(ours)) < 3


@pytest.mark.parametrize("counter", [-1, 10, 11])
def test_a_counter_outside_the_list_is_refused(counter: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        place(b"k" * 32, counter, 10)


def test_places_once_given_stay_where_they_are() -> None:
    """Indexes are signed: another release must go on with the same permutation."""
    found = [place(bytes(range(32)), counter, 131072) for counter in (0, 1, 2, 131071)]
    assert found == KNOWN

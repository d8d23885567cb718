import pytest

from streamsep.errors import ShapeError
from streamsep_offline.separation.groups import channel_groups


@pytest.mark.parametrize("channels", range(1, 20))
def test_every_channel_is_in_one_group_of_at_most_two(channels):
    groups = channel_groups(channels)
    assert sorted(c for group in groups for c in group) == list(range(channels))
    assert all(1 <= len(group) <= 2 for group in groups)


def test_surround_layouts_keep_their_pairs():
    assert channel_groups(6) == ((0, 1), (2,), (3,), (4, 5))
    assert channel_groups(8) == ((0, 1), (2,), (3,), (4, 5), (6, 7))


def test_other_counts_go_in_pairs_and_the_last_one_alone():
    assert channel_groups(7) == ((0, 1), (2, 3), (4, 5), (6,))


def test_no_channel_is_refused():
    with pytest.raises(ShapeError, match="at least one"):
        channel_groups(0)

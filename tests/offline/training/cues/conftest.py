import dataclasses

import pytest

from streamsep.spec import PROFILES, StreamSpec
from streamsep_offline.training.cues.prepare import ShardOrder, make_shards


@pytest.fixture(scope="session")
def cue_excerpts(excerpts):
    """Examples long enough for the loss, which leaves the first half second out."""
    settings = dataclasses.replace(excerpts.settings, seconds=2.5)
    return dataclasses.replace(excerpts, settings=settings)


@pytest.fixture(scope="session")
def spec(excerpts):
    return StreamSpec(PROFILES["stage"], 44100, 2, excerpts.stems)


@pytest.fixture(scope="session")
def shard(cue_excerpts, spec, tmp_path_factory):
    folder = tmp_path_factory.mktemp("examples") / "made-000"
    make_shards([ShardOrder(folder, cue_excerpts, 0, 4)], spec, 1, lambda done, total: None)
    return folder

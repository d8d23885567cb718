"""A plan that takes seconds: the smallest cue model on songs of six seconds."""

import json
import shutil

import pytest

RECIPE = """
name = "small"
[model]
kind = "cue_lstm"
n_input = 4
n_hidden = 4
[songs]
seed = 1
recorded_share = 0.5
[songs.train]
made = 2
of = 3
folders = ["act/one"]
[songs.select]
made = 1
folders = ["act/two"]
excerpts_s = [[0, 3]]
[data]
targets = ["vocals", "drums", "bass", "other"]
seconds = 1.5
examples = 4
seed = 1
[examples]
shard_size = 2
shards = 1
recorded_shards = 1
select_size = 2
[[augment]]
kind = "gain"
low_db = -6
high_db = 6
[training]
batch = 2
check_every = 2
[[training.stages]]
steps = 2
rate = 1e-3
"""

PLAN = """
recipe = "small.toml"
seeds = [1, 2]
[[variants]]
name = "base"
what = "as it is"
curves = ["songs", "weights"]
[[variants]]
name = "wider"
what = "LSTM of 8"
set = ["model.n_hidden=8"]
curves = ["weights"]
[[variants]]
name = "no-metal"
what = "no metal"
set = ["songs.train.without=['style:metal']"]
"""


@pytest.fixture
def place(songs_folder, tmp_path):
    """Folder with plan and recipe, samples/ with recorded songs, and out/ whose songs are made already."""
    (tmp_path / "small.toml").write_text(RECIPE)
    (tmp_path / "plan.toml").write_text(PLAN)
    songs = sorted(songs_folder.iterdir())
    made = tmp_path / "out" / "made"
    for song, target, style in (
        (songs[0], made / "train" / "train-s1-00000", "pop"),
        (songs[1], made / "train" / "train-s1-00001", "metal"),
        (songs[0], made / "train" / "train-s1-00002", "rock"),
        (songs[2], made / "select" / "select-s1-00000", "pop"),
        (songs[1], tmp_path / "samples" / "act" / "one", None),
        (songs[2], tmp_path / "samples" / "act" / "two", None),
    ):
        shutil.copytree(song, target)
        if style:
            manifest = {"style": style, "ingredients": []}
            (target / "manifest.json").write_text(json.dumps(manifest))
    return tmp_path

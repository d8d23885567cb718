"""Where examples come from: songs of one's own by their split, or a recipe's lists of songs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from streamsep_offline.augment.chain import make_augment
from streamsep_offline.data.excerpts import Augment, DataSettings, Excerpts, open_excerpts
from streamsep_offline.data.layouts.made import require_maker, songs_at_hand, songs_of
from streamsep_offline.data.song import Song, find_songs
from streamsep_offline.data.targets import plan_targets
from streamsep_offline.training.ingredients import made_songs
from streamsep_offline.training.lists import SongList
from streamsep_offline.training.recipe import Recipe
from streamsep_offline.training.tasks.cue_lstm import CueDesign

if TYPE_CHECKING:
    from streamsep_offline.maker.made_songs import MadeSongs

MADE = "made"
"""Folder of made songs, by list."""

_CACHE = "made-cache"
"""Folder of made songs that are rendered when they are read."""


@dataclass(frozen=True)
class Source:
    """Examples of one kind.

    Attributes:
        name: For people and folders.
        excerpts: Where they are drawn from.
        share: Of the examples that come from here.
    """

    name: str
    excerpts: Excerpts
    share: float = 1.0


def open_sources(recipe: Recipe, data: Path, work: Path) -> tuple[list[Source], list[Source]]:
    """What is learned from, and what decides which weights are kept.

    Args:
        recipe: Says what.
        data: Songs of one's own, or samples and recordings where the recipe has lists of songs.
        work: Holds the made songs.

    Raises:
        AudioFileError: There are no songs, or something is wrong with one.
    """
    augment = make_augment(recipe.augment, recipe.data.targets)
    if recipe.songs is not None:
        songs = recipe.songs
        train = _open_list(recipe, songs.train, data, work / MADE / "train", "train", augment)
        # Cue models are chosen by examples varied as those learned from, others by songs as they are.
        kind = ("train", augment) if isinstance(recipe.model, CueDesign) else ("valid", None)
        select = _open_list(recipe, songs.select, data, work / MADE / "select", *kind)
        shares = {"made": 1.0 - songs.recorded_share, "recorded": songs.recorded_share}
        train = [dataclasses.replace(s, share=shares[s.name]) for s in train]
        return [s for s in train if s.share > 0.0], select
    own = open_excerpts(data, "train", recipe.data, augment)
    return [Source("own", own)], [Source("own", _open_select(recipe, data))]


def render_lists(
    recipe: Recipe,
    samples: Path,
    work: Path,
    n_jobs: int,
    report: Callable[[str, int, int], None],
    with_report_list: bool,
) -> None:
    """Render the made songs of a recipe's lists that are not there yet, but for those made when read.

    Args:
        recipe: With lists of songs.
        samples: Folder of samples.
        work: Where they go.
        n_jobs: Processes.
        report: Told the list, how many songs are there, and of how many.
        with_report_list: Whether the songs of the report list are wanted, too.
    """
    from streamsep_offline.maker.library import make_library_in_parallel
    from streamsep_offline.maker.orders import Order
    from streamsep_offline.maker.studio import Studio

    assert recipe.songs is not None
    order = Order(n_stems=5 if "piano" in recipe.data.targets else 4)
    for split in ("train", "select", *(["report"] if with_report_list else [])):
        n = getattr(recipe.songs, split).n_rendered
        if not n or (split == "train" and recipe.songs.cache_gb):
            continue
        studio, folder = Studio(samples, split), work / MADE
        made = make_library_in_parallel(studio, folder, recipe.songs.seed, range(n), order, n_jobs)
        for done, _ in enumerate(made, 1):
            report(split, done, n)


def _open_select(recipe: Recipe, data: Path) -> Excerpts:
    """Songs to choose by, not varied: they stand for the music to come.

    Of a cue model's, whose examples are stored, as many excerpts are taken as the recipe asks for.
    """
    settings = recipe.data
    if not isinstance(recipe.model, CueDesign):
        return open_excerpts(data, "valid", settings)
    seconds = settings.valid_seconds or settings.seconds
    settings = dataclasses.replace(settings, valid_seconds=seconds, valid_per_track=1)
    found = open_excerpts(data, "valid", settings)
    n = -(-recipe.examples.select_size // len(found))
    return dataclasses.replace(found, settings=dataclasses.replace(settings, valid_per_track=n))


def _open_list(
    recipe: Recipe, songs: SongList, samples: Path, made: Path, split: str, augment: Augment | None
) -> list[Source]:
    sources = []
    settings = recipe.data
    if songs is recipe.songs.train and songs.made and recipe.songs.cache_gb:
        collection = _made_when_read(recipe, samples, made.parents[1] / _CACHE)
        found = songs_of(collection, songs.made, settings)
        window = songs_at_hand(collection, songs.made)
        sources.append(Source("made", _excerpts(found, settings, split, augment, window)))
    elif songs.made:
        found = made_songs(songs, made)
        sources.append(Source("made", _excerpts(found, settings, split, augment)))
    if songs.folders:
        found = [song for folder in songs.folders for song in find_songs(samples / folder)]
        sources.append(Source("recorded", _excerpts(found, settings, split, augment)))
    return sources


def _made_when_read(recipe: Recipe, samples: Path, root: Path) -> MadeSongs:
    require_maker()
    from streamsep_offline.maker.made_songs import MadeSongs
    from streamsep_offline.maker.orders import Order

    assert recipe.songs is not None
    order = Order(n_stems=5 if "piano" in recipe.data.targets else 4)
    return MadeSongs(root, samples, "train", recipe.songs.seed, recipe.songs.cache_gb, order)


def _excerpts(
    songs: Sequence[Song],
    settings: DataSettings,
    split: str,
    augment: Augment | None,
    window: int | None = None,
) -> Excerpts:
    store = settings.store
    songs = [dataclasses.replace(s, rate=settings.sample_rate, store=store) for s in songs]
    songs, plan = plan_targets(songs, settings, is_loose=False)
    return Excerpts(plan.stems, tuple(songs), plan, split, settings, augment=augment, window=window)

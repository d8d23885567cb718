"""What made songs are made of, in words that a recipe may leave out, and the songs that are left.

    [songs.train]
    made = 150                           songs to learn from: the first that hold none of these
    of = 450                             of so many that are rendered
    without = ["voice:speech", "style:metal", "distortion"]

Every song is a draw of its own, so the first songs of a list are as good as any: a variant without
something and a base without `without`, both of as many songs, differ in that thing and in nothing else. The
words are found in the songs' manifests:

    style:metal, genre:punk              kind of music
    key:F#                               its tonic, which says nothing about how it sounds
    era:seventies, width:mono, reverberation:hall, tape, side_chain        of the mix
    voice:album                          route of the voice: album, as recorded, speech, syllables, ...
    voice:rapped, voice:screamed, voice:spoken, voice:choir, ...           what it does
    part:piano                           part of the other instruments
    distortion                           guitars through a driven amplifier: distorted, crunch, lead
    groove:performed, groove:patterns    drums that a human played, or a program
    fill:performed                       fills that a human played
    source:espeak-ng                     whose sounds these are
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from streamsep.errors import AudioFileError, ParameterError
from streamsep_offline.data.song import Song, find_songs
from streamsep_offline.tables import suggest
from streamsep_offline.training.lists import SongList

_MANIFEST = "manifest.json"

_DELIVERIES = ("rapped", "screamed", "spoken")
"""Words that may follow the route of a voice; it sings where there is none."""

_DRIVEN = {"distorted guitar", "crunch guitar", "lead guitar"}

_HUMAN_DRUMS = "Groove MIDI Dataset (Google)"


def ingredients_of(manifest: Mapping[str, Any]) -> frozenset[str]:
    """Words for everything in a song, see the module's text.

    Args:
        manifest: Of a made song; what it does not tell is not in the song.
    """
    return frozenset(_words(manifest))


def made_songs(songs: SongList, folder: Path) -> list[Song]:
    """The made songs of a list: the first that hold none of what it is without.

    Args:
        songs: The list.
        folder: Of its made songs, which are there.

    Raises:
        AudioFileError: There are none, or a manifest is missing or damaged.
        ParameterError: No song holds what is to be left out, or too few songs are left.
    """
    found = list(find_songs(folder))[: songs.n_rendered]
    if not songs.without:
        return found[: songs.made]
    held = [_read(folder / song.name) for song in found]
    known = frozenset().union(*held)
    for word in songs.without:
        if word not in known:
            raise ParameterError(
                f"songs: without '{word}', which none of {len(found)} made songs holds; "
                f"{suggest(word, _nearby(word, known))}"
            )
    kept = [s for s, has in zip(found, held, strict=True) if has.isdisjoint(songs.without)]
    if len(kept) < songs.made:
        raise ParameterError(
            f"songs: {len(kept)} of {len(found)} made songs are without {', '.join(songs.without)}, "
            f"expected made={songs.made}; set 'made' lower or 'of' higher"
        )
    return kept[: songs.made]


def _words(manifest: Mapping[str, Any]) -> Iterator[str]:
    for key in ("style", "genre"):
        if key in manifest:
            yield f"{key}:{manifest[key]}"
    if "key" in manifest:
        yield f"key:{manifest['key'].split()[0]}"
    mix = manifest.get("mix", {})
    for key in ("era", "width", "reverberation"):
        if key in mix:
            yield f"{key}:{mix[key]}"
    yield from (key for key in ("tape", "side_chain") if mix.get(key))
    route, *layers = manifest.get("vocals", "").split(", ")
    yield from (f"voice:{word}" for word in (*_route(route), *layers) if word)
    parts = manifest.get("other", ())
    yield from (f"part:{part}" for part in parts)
    if not _DRIVEN.isdisjoint(parts):
        yield "distortion"
    for one in manifest["ingredients"]:
        yield f"source:{one['source']}"
        if one["kind"] in ("groove", "fill"):
            how = "performed" if one["source"] == _HUMAN_DRUMS else "patterns"
            yield f"{one['kind']}:{how}"


def _route(text: str) -> list[str]:
    """The route of "speech rapped verses", and what the voice does."""
    words = text.split()
    place = next((i for i, word in enumerate(words) if word in _DELIVERIES), len(words))
    return [" ".join(words[:place]), *words[place : place + 1]]


def _nearby(word: str, known: Collection[str]) -> list[str]:
    """Words of the same kind, else one of each kind."""
    kin = sorted(one for one in known if one.partition(":")[0] == word.partition(":")[0])
    return kin or sorted({one.partition(":")[0]: one for one in sorted(known)}.values())


def _read(folder: Path) -> frozenset[str]:
    path = folder / _MANIFEST
    try:
        return ingredients_of(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AudioFileError(
            f"{path} does not tell what its song is made of ({error!r}); render it anew"
        ) from error

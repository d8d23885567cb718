"""The listening page: clips with players that run in step, spectrograms and figures, in one HTML file.

The file carries its only script; without scripts each sound still has the browser's own player.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from streamsep_offline.evaluation.clips import Clip, Source
from streamsep_offline.evaluation.embed import audio_element, image_element, write_document
from streamsep_offline.evaluation.spectrogram_picture import height_of

_PARTS = Path(__file__).parent / "listening"
_MARKS = {"100": 100.0, "1k": 1000.0, "10k": 10000.0}
_IN_TEXT = 4.0 / 3.0  # base64
_SOUND_BYTES, _PICTURE_BYTES = 18_000, 1_200  # of a second

_COLUMNS = (
    '<colgroup><col class="name"><col><col class="figure"><col class="figure"></colgroup>\n'
    '<thead><tr><th>source</th><th>spectrogram</th><th class="figure">SDR</th>'
    '<th class="figure">share closed</th></tr></thead>'
)
_KEYS = (
    "<kbd>space</kbd> plays and pauses, <kbd>1</kbd> is the mixture, <kbd>2</kbd> the reference, "
    "<kbd>3</kbd> to <kbd>9</kbd> are the models, <kbd>↑</kbd> <kbd>↓</kbd> another stem, "
    "<kbd>←</kbd> <kbd>→</kbd> two seconds, <kbd>L</kbd> loop. A click in a spectrogram goes there."
)
_BLIND = (
    '<label><input type="checkbox" id="blind"> Blind: hide and shuffle the models</label> '
    '<button id="reveal" type="button" disabled>Reveal</button>'
)


def expected_bytes(n_sources: int, seconds: float) -> float:
    """About what clips weigh in a page.

    Args:
        n_sources: Sounds of all clips.
        seconds: Length of each.
    """
    return n_sources * seconds * (_SOUND_BYTES + _PICTURE_BYTES) * _IN_TEXT


def write_listening_page(path: Path, models: Sequence[str], clips: Sequence[Clip]) -> int:
    """Write the page.

    Args:
        path: Replaced.
        models: Titles, in the order of the sources' models.
        clips: At least one.

    Returns:
        Bytes of the file.

    Raises:
        AudioFileError: The file cannot be written.
    """
    listed = "".join(f"<li>{html.escape(model)}</li>" for model in models)
    blind = _BLIND if len(models) > 1 else ""
    head = (
        f'<ol id="models">{listed}</ol>\n<div class="row script"><label><input type="checkbox" '
        f'id="loop"> Loop</label> {blind}</div>\n<p class="note script">{_KEYS}</p>\n'
        '<p class="note">SDR (dB, median of seconds in which the stem sounds) and share closed are of '
        "the clip alone; all sounds of a clip are at one gain, all spectrograms on one scale of dB.</p>"
        '\n<p class="problem" id="problem" role="alert"></p>'
    )
    style, script = ((_PARTS / f"listen.{kind}").read_text("utf-8") for kind in ("css", "js"))
    body = "\n".join([head, *(_clip(clip, models) for clip in clips)])
    write_document(path, "Listening", style, body, script)
    return path.stat().st_size


def _clip(clip: Clip, models: Sequence[str]) -> str:
    kind = f"{clip.kind}, " if clip.kind else ""
    end_s = clip.start_s + clip.seconds
    about = f"{kind}{_time(clip.start_s)} to {_time(end_s)}"
    lines = [
        f'<section class="clip" data-seconds="{clip.seconds:.6f}">',
        f"<h2>{html.escape(clip.song)} <small>{html.escape(about)}</small></h2>",
        '<div class="row script"><button class="play" type="button">Play</button> <output></output></div>',
        f"<table>\n{_COLUMNS}",
    ]
    for sources in _by_stem(clip.sources):
        first = sources[0].player
        lines.append("<tbody>")
        if first.part != "mixture":
            lines.append(f'<tr><th class="stem" colspan="4">{html.escape(first.stem)}</th></tr>')
        lines += [_row(source, models) for source in sources]
        lines.append("</tbody>")
    return "\n".join([*lines, "</table>\n</section>"])


def _by_stem(sources: Iterable[Source]) -> list[list[Source]]:
    """The mixture; then for each reference it and its estimates."""
    count = 0

    def group(source: Source) -> int:
        nonlocal count
        count += source.player.part == "reference"
        return count

    return [list(found) for _, found in groupby(sources, group)]


def _row(source: Source, models: Sequence[str]) -> str:
    player, figures = source.player, ("", "")
    name = player.part if source.model < 0 else models[source.model]
    if source.figures is not None:
        sdr, share = source.figures.figures["sdr_db"], source.figures.share_closed
        figures = (_number(sdr, "dB", 1.0), _number(share, "%", 100.0))
    marks = "".join(
        f'<b style="bottom:{100 * height_of(frequency):.1f}%">{text}</b>'
        for text, frequency in _MARKS.items()
    )
    picture = image_element("webp", source.picture, f"spectrogram of {name}")
    cells = "".join(f'<td class="figure"><span>{text}</span></td>' for text in figures)
    return (
        f'<tr class="source" data-part="{player.part}" data-model="{source.model}">'
        '<td><button class="choose" type="button" aria-pressed="false"><kbd class="script"></kbd> '
        f'<span class="name">{html.escape(name)}</span></button>{audio_element(player.mp3)}</td>'
        f'<td><div class="spectrogram">{picture}{marks}<i></i></div></td>{cells}</tr>'
    )


def _number(value: float, unit: str, factor: float) -> str:
    return "-" if math.isnan(value) else f"{factor * value:.1f} {unit}"


def _time(seconds: float) -> str:
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"

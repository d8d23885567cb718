"""The report as one HTML page with everything inside: tables, pictures, sound. No scripts, no addresses."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path

from streamsep_offline.evaluation.embed import audio_element, image_element, write_document
from streamsep_offline.evaluation.players import Player
from streamsep_offline.evaluation.tables import TextTable

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 78em; padding: 0 1em; }
table { border-collapse: collapse; margin: 1em 0; }
caption { text-align: left; font-weight: 600; padding: .3em 0; }
th, td { padding: .2em .8em; text-align: right; border-bottom: 1px solid #ddd; }
th.name, td.name { text-align: left; }
tr.footer td { font-weight: 600; border-top: 2px solid #888; }
p.note { color: #666; }
img { max-width: 100%; }
audio { width: 16em; height: 2.2em; vertical-align: middle; }
"""


def write_page(
    path: Path,
    title: str,
    tables: Sequence[TextTable],
    picture: bytes | None,
    players: Mapping[str, Sequence[Player]],
) -> None:
    """Write the page.

    Args:
        path: Replaced.
        title: Of the page.
        tables: In order.
        picture: PNG; None where there is none.
        players: Sound by the song's name.

    Raises:
        AudioFileError: The file cannot be written.
    """
    parts = [_table(table) for table in tables]
    if picture is not None:
        parts.insert(1, image_element("png", picture, "box plots"))
    parts += [_listen(song, sounds) for song, sounds in players.items()]
    write_document(path, title, _STYLE, "\n".join(parts))


def _table(table: TextTable) -> str:
    lines = [f"<table>\n<caption>{html.escape(table.title)}</caption>"]
    lines.append(_row(table.headings, table.n_names, "th", ""))
    first_footer = len(table.rows) - table.n_footers
    for index, row in enumerate(table.rows):
        style = "footer" if index >= first_footer else ""
        lines.append(_row(row, table.n_names, "td", style))
    lines.append("</table>")
    if table.caption:
        lines.append(f'<p class="note">{html.escape(table.caption)}</p>')
    return "\n".join(lines)


def _row(cells: Sequence[str], n_names: int, tag: str, style: str) -> str:
    made = [
        f"<{tag}{' class=name' if k < n_names else ''}>{html.escape(cell)}</{tag}>"
        for k, cell in enumerate(cells)
    ]
    return f"<tr{f' class={style}' if style else ''}>{''.join(made)}</tr>"


def _listen(song: str, sounds: Sequence[Player]) -> str:
    """A row per stem with its reference and its estimate, under the mixture."""
    rows: dict[str, dict[str, Player]] = {}
    for sound in sounds:
        rows.setdefault(sound.stem, {})[sound.part] = sound
    lines = [f"<table>\n<caption>Listen: {html.escape(song)}</caption>"]
    lines.append("<tr><th class=name>stem</th><th>reference</th><th>estimate</th></tr>")
    for stem, parts in rows.items():
        first = parts.get("reference", parts.get("mixture"))
        cells = [f"<td class=name>{html.escape(stem)}</td>"]
        cells += [f"<td>{_audio(player)}</td>" for player in (first, parts.get("estimate"))]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return "\n".join([*lines, "</table>"])


def _audio(player: Player | None) -> str:
    return "" if player is None else audio_element(player.mp3)

"""What the pages of the evaluation have in common: one file with everything inside, which loads nothing.

A content security policy forbids the page to load or run what is not in it. Sound and pictures are data
addresses; every name is escaped, as songs are named by whoever made them.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import html
import os
from pathlib import Path

from streamsep.errors import AudioFileError


def write_document(path: Path, title: str, style: str, body: str, script: str = "") -> None:
    """Write a page; what was there stays until the page is whole.

    Args:
        path: Replaced.
        title: Of the page; escaped here.
        style: CSS.
        body: HTML, escaped.
        script: JavaScript, the only one that the page may run; "" is none.

    Raises:
        AudioFileError: The file cannot be written.
    """
    policy = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'"
    if script:
        digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
        policy += f"; script-src 'sha256-{digest}'"
    text = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f"<h1>{html.escape(title)}</h1>\n{body}\n"
        + (f"<script>{script}</script>\n" if script else "")
        + "</body>\n</html>\n"
    )
    unfinished = path.with_name(f".{path.name}.part")
    try:
        unfinished.write_text(text, encoding="utf-8")
        os.replace(unfinished, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise AudioFileError(
            f"page {path} cannot be written ({error.strerror}); name a file in a folder of yours "
            "with room"
        ) from error


def audio_element(mp3: bytes) -> str:
    """A player with its sound inside."""
    return f'<audio controls preload="none" src="{_address("audio/mpeg", mp3)}"></audio>'


def image_element(kind: str, picture: bytes, description: str) -> str:
    """A picture.

    Args:
        kind: "png" or "webp".
        picture: A file's bytes.
        description: For who cannot see it; escaped here.
    """
    return f'<img alt="{html.escape(description)}" src="{_address(f"image/{kind}", picture)}">'


def _address(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"

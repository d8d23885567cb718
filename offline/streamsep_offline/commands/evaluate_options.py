"""Options that `streamsep evaluate`, `oracle` and `listen` share: songs, figures, reports."""

from __future__ import annotations

import argparse

from streamsep.commands.options import positive_int, positive_seconds, seconds


def add_data_options(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add what chooses songs; the group, for what chooses parts of them."""
    songs = parser.add_argument_group("songs")
    songs.add_argument(
        "--data",
        metavar="DIR",
        help="folder of songs, a folder with an audio file per stem each; musdb is $MUSDB_PATH",
    )
    songs.add_argument(
        "--split",
        default="test",
        metavar="NAME",
        help="subfolder that is taken where there is one; all is all (%(default)s)",
    )
    songs.add_argument(
        "--layout", metavar="NAME", help="of the data, as 'streamsep data check' has it"
    )
    songs.add_argument(
        "--kinds", action="store_true", help="folders directly below DIR name a kind of music each"
    )
    return songs


def add_song_options(parser: argparse.ArgumentParser) -> None:
    """Add what chooses songs and figures."""
    songs = add_data_options(parser)
    songs.add_argument("--start", type=seconds, default=0.0, metavar="S", help="skip so much")
    songs.add_argument(
        "--duration", type=positive_seconds, metavar="S", help="take so much of each (all)"
    )
    figures = parser.add_argument_group("figures")
    figures.add_argument(
        "--metrics",
        metavar="LIST",
        help="of share,si-sdr,leakage,bsseval, or all (all but bsseval, which takes about as long as "
        "the music lasts; SDR over sounding seconds comes always)",
    )
    figures.add_argument(
        "--jobs", type=positive_int, default=1, metavar="N", help="processes (%(default)s)"
    )


def add_checks(parser: argparse.ArgumentParser) -> None:
    """Add what is asked of models that can hear other input."""
    checks = parser.add_argument_group("checks")
    checks.add_argument(
        "--checks",
        nargs="?",
        const="all",
        metavar="LIST",
        help="also hear input that is not a usual mix, of alone,without,mono,level,rate (all): each stem "
        "alone, all but each stem, the song in mono, at peaks of -50, -30 and 0 dBFS, at 48 kHz; takes "
        "two runs per stem and five more",
    )


def add_report_options(parser: argparse.ArgumentParser) -> None:
    """Add what is written."""
    reports = parser.add_argument_group("reports")
    reports.add_argument(
        "-o", "--output", metavar="DIR", help="BSSEval of each track as museval's JSON, in here"
    )
    reports.add_argument("--json", metavar="FILE", help="every figure; - prints it")
    reports.add_argument("--html", metavar="FILE", help="one page: tables, box plots, players")
    reports.add_argument("--plot", metavar="FILE", help="box plots: PNG, SVG or PDF")
    reports.add_argument(
        "--players",
        type=positive_int,
        default=3,
        metavar="N",
        help="songs that the page lets you hear, 1 MB each (%(default)s)",
    )
    reports.add_argument("--quiet", action="store_true", help="print errors only")

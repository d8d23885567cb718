"""Families of drum patterns in bars of sixteenths.

Marks: X loud, x normal, o soft, ? perhaps; h, l and s are a hand drum's high, low and slapped
strokes. A family without a cymbal of its own gets one that fits the section.
"""

from __future__ import annotations

Pattern = dict[str, str]
"""A bar: marks for each piece of the kit."""

FAMILIES: dict[str, tuple[Pattern, ...]] = {
    "rock": (
        {"kick": "X..?..?.X.?...?.", "snare": "....X.......X..."},
        {"kick": "X.....x.X.....?.", "snare": "....X.......X..."},
        {"kick": "X..?....x.X...?.", "snare": "....X..?....X..?"},
        {"kick": "X.......X.x.....", "snare": "....X.......X..."},
        {"kick": "X.X...?...X..?..", "snare": "....X.......X...", "ghost": ".......o.o......"},
    ),
    "four": (
        {"kick": "X...X...X...X...", "snare": "....X.......X..."},
        {"kick": "X...X...X...X...", "snare": "X...X...X...X..."},
    ),
    "half": (
        {"kick": "X..?..?...x...?.", "snare": "........X......."},
        {"kick": "X.....?.....x.x.", "snare": "........X......."},
        {"kick": "X..x......X..?..", "snare": "........X......."},
    ),
    "funk": (
        {"kick": "X.?..?.?..x..?..", "snare": "....X.......X...", "ghost": ".o.?..?o.o.?..?o"},
        {"kick": "X.x...x...x..x..", "snare": "....X..?.?..X...", "ghost": ".......o.o.....o"},
        {"kick": "X..x..x..?.x....", "snare": "....X.......X..?", "ghost": ".?.o.o.o.o.?.o.?"},
        {"kick": "X.x.......xx.?..", "snare": "....X.....?.X...", "ghost": ".o....o.?o....o."},
    ),
    "punk": (
        {"kick": "X.......X.......", "snare": "....X.......X..."},
        {"kick": "X..?..x.X..?..x.", "snare": "....X.......X..."},
        {"kick": "X...X...X...X...", "snare": "..X...X...X...X."},
        {"kick": "X..X..?.X..X..?.", "snare": "..X...X...X...X."},
    ),
    "tom": (
        {"kick": "X.......X.......", "tom": "x.?xx.x.x.?xx.x?", "snare": "............X...",
         "hat": "x...x...x...x..."},
        {"kick": "X...?...X...?...", "tom": "x.x.x.xxx.x.x.xx", "hat": "....x.......x..."},
    ),
    "swing": (
        {"ride": "X...x.o.X...x.o.", "hat": "....x.......x...", "kick": "o...?...o...?.?.",
         "ghost": "..?...o..?....?."},
        {"ride": "X...x.o.x.o.x.o.", "hat": "....x.......x...", "kick": "o...o...o...o...",
         "ghost": "......?...?...o.", "snare": "..........?....."},
    ),
    "shuffle": (
        {"kick": "X.....?.x.....?.", "snare": "....X.......X...", "hat": "X.o.X.o.X.o.X.o."},
        {"kick": "X.....x.X.x...?.", "snare": "....X.......X...", "ride": "X.o.X.o.X.o.X.o."},
    ),
    "train": (
        {"kick": "X...x...X...x...", "snare": "o.ooX.ooo.ooX.oo", "hat": "....x.......x..."},
        {"kick": "X...?...X...?...", "snare": "ooooXoooooooXooo"},
    ),
    "motown": (
        {"kick": "X..x..x.X..x..?.", "snare": "X...X...X...X...", "tamb": "x.x.X.x.x.x.X.x."},
        {"kick": "X.....x.X.x...?.", "snare": "....X.......X...", "tamb": "o.o.X.o.o.o.X.o."},
    ),
    "disco": (
        {"kick": "X...X...X...X...", "snare": "....X.......X...", "open": "..X...X...X...X.",
         "hat": "xo..xo..xo..xo.."},
        {"kick": "X...X...X...X..?", "snare": "....X.......X..?", "open": "..X...X...X...X.",
         "hat": "x...x...x...x..."},
    ),
    "afrobeat": (
        {"kick": "X.....x...x.....", "snare": "....o..x.....x..", "hat": "x.xox.xox.xox.xo",
         "conga": "s.hss.hhs.ls.lhh", "shaker": "xoxoxoxoxoxoxoxo"},
        {"kick": "X..x......X..x..", "snare": "......x...x..?x.", "hat": "xox.xox.xox.xox.",
         "cowbell": "x..x..x...x.x..."},
    ),
    "second-line": (
        {"kick": "X..x..x.....x...", "snare": "x.ox.ox.x.xo.xo.", "hat": "....x.......x..."},
        {"kick": "X.....x...x.x...", "snare": "o.xo.ox.oxo.xox.", "cowbell": "x.?.x.?.x.?.x.?."},
    ),
    "metal": (
        {"kick": "X.x...x.X.x...x.", "snare": "....X.......X..."},
        {"kick": "X.xxX.xxX.xxX.xx", "snare": "....X.......X..."},
        {"kick": "XX..X..XXX..X..X", "snare": "....X.......X..."},
    ),
    "double-kick": (
        {"kick": "XxXxXxXxXxXxXxXx", "snare": "....X.......X...", "ride": "x...x...x...x..."},
        {"kick": "XxXxXxXxXxXxXxXx", "snare": "........X.......", "crash": "x.......x......."},
        {"kick": "XxX.XxX.XxX.XxX.", "snare": "....X.......X..."},
    ),
    "thrash": (
        {"kick": "X...X...X...X...", "snare": "..X...X...X...X."},
        {"kick": "X..xX..xX..xX..x", "snare": "..X...X...X...X."},
        {"kick": "XxXxXxXxXxXxXxXx", "snare": "..X...X...X...X."},
    ),
    "blast": (
        {"kick": "X.X.X.X.X.X.X.X.", "snare": "x.x.x.x.x.x.x.x.", "ride": "x.x.x.x.x.x.x.x."},
        {"kick": "XxXxXxXxXxXxXxXx", "snare": "x.x.x.x.x.x.x.x.", "hat": "x...x...x...x..."},
        {"kick": "X.X.X.X.X.X.X.X.", "snare": ".x.x.x.x.x.x.x.x", "ride": "X...X...X...X..."},
    ),
    "doom": (
        {"kick": "X.......?.x.....", "snare": "........X.......", "open": "x...x...x...x..."},
        {"kick": "X.....x.........", "snare": "........X.......", "ride": "x...x...x...x..."},
        {"kick": "X.........x.....", "snare": "....X.......X...", "crash": "x.......?......."},
    ),
    "breakdown": (
        {"kick": "X..x..x.x...x.x.", "snare": "........X.......", "crash": "x...x...x...x..."},
        {"kick": "Xx..x.....xx..x.", "snare": "........X.......", "open": "x...x...x...x..."},
    ),
    "dance": (
        {"kick": "X...X...X...X...", "clap": "....X.......X...", "open": "..X...X...X...X.",
         "hat": "?.?.?.?.?.?.?.?."},
        {"kick": "X...X...X...X..?", "snare": "....X.......X...", "open": "..X...X...X...X."},
        {"kick": "X...X...X...X...", "clap": "....X.......X...", "hat": "xoXoxoXoxoXoxoXo"},
        {"kick": "X...X...X..?X.?.", "open": "..X...X...X...X."},
        {"kick": "X...X...X...X...", "hat": "..x...x...x...x.", "perc": "?..x..x..?..x..."},
    ),
    "two-step": (
        {"kick": "X.........x.....", "snare": "....X.......X...", "ghost": ".......o.?....?o"},
        {"kick": "X.?....?..x.....", "snare": "....X.......X...", "ghost": ".......?.o.....?"},
    ),
    "break": (
        {"kick": "X.x.......xx....", "snare": "....X..o.o..X..o", "ride": "x.x.x.x.x.x.x.x."},
        {"kick": "X.?..?.?..x..?..", "snare": "....X..?.?..X...",
         "ghost": ".......o.o.....o", "open": "..........?...?."},
        {"kick": "X..x..?...x..?..", "snare": "....X.......X..?", "open": "......?........."},
    ),
    "trap": (
        {"kick": "X..?..?...x..?..", "snare": "........X.......", "hat": "X.x.X.x.X.x.X.x."},
        {"kick": "X.....x...x.....", "clap": "........X.......", "hat": "XxxxXxxxXxxxXxxx"},
        {"kick": "X..x..?....x..?.", "clap": "........X.......", "hat": "X..x..x.X..x..x."},
    ),
    "drill": (
        {"kick": "X..x......x..x..", "snare": "......X.....X...", "hat": "X..x..x.X..x..x."},
        {"kick": "X.....x...?...x.", "snare": "......X......X..", "hat": "X..x.xx.X..x.xx."},
    ),
    "garage": (
        {"kick": "X.....?...x.....", "snare": "....X.......X...", "open": "..x...?...x...?.",
         "hat": "x.?x..x?x.?x..x?"},
        {"kick": "X.........x..?..", "snare": "....X.......X...", "hat": "..x...x...x...xx",
         "perc": "...?..x..?....x."},
    ),
    "boom-bap": (
        {"kick": "X....?x...?..?..", "snare": "....X.......X...", "hat": "x.x.x.x.x.x.x.x."},
        {"kick": "X.?....x..x.....", "snare": "....X.......X...", "ghost": ".......?.?.....?"},
        {"kick": "X......x.?x...?.", "snare": "....X.......X...", "hat": "x.xxx.x.x.xxx.x."},
    ),
    "dembow": (
        {"kick": "X...X...X...X...", "snare": "...x..x....x..x.", "hat": "x.?.x.?.x.?.x.?."},
        {"kick": "X...x...X...x...", "snare": "...X..X....X..X.", "shaker": "x.x.x.x.x.x.x.x."},
        {"kick": "X.......X.......", "snare": "...x..x....x..x.", "clap": "...x..x....x..x."},
    ),
    "one-drop": (
        {"kick": "....X.......X...", "stick": "....X.......X.?.", "hat": "x.o.x.o.x.o.x.o."},
        {"kick": "....X.......X...", "snare": "....x.......x...", "hat": "x.xox.xox.xox.xo",
         "ghost": "..?...?...?...?."},
        {"kick": "X...x...X...x...", "stick": "....X..?....X.?.", "hat": "..x...x...x...x."},
        {"kick": "X...X...X...X...", "stick": "....X.......X...", "hat": "xooxxooxxooxxoox"},
    ),
    "ska": (
        {"kick": "X.......X.......", "snare": "....X.......X...", "hat": "..X...X...X...X."},
        {"kick": "X...X...X...X...", "stick": "....X.......X...", "open": "..x...x...x...x."},
    ),
    "bossa": (
        {"kick": "X.....x.X.....x.", "stick": "x.....x.....x...", "hat": "x.x.x.x.x.x.x.x."},
        {"kick": "X.....x.X.....x.", "stick": "....x.....x.....", "hat": "x.x.x.x.x.x.x.x."},
        {"kick": "X.....x.X.....x.", "stick": "x.....x.....x...", "ride": "x.x.x.x.x.x.x.x.",
         "shaker": "x.o.x.o.x.o.x.o."},
        {"kick": "X.....x.X.....x.", "stick": "..x.....x...x...", "ride": "x.x.x.x.x.x.x.x.",
         "shaker": "x.o.x.o.x.o.x.o."},
    ),
    "samba": (
        {"kick": "x..xX..xx..xX..x", "snare": "X.oxo.xoo.xo.xo.", "hat": "..x...x...x...x.",
         "tamb": "XoxxXoxxXoxxXoxx"},
        {"kick": "x..xX..xx..xX..x", "stick": "x.x..x.x.x..x.x.",
         "shaker": "XooxXooxXooxXoox", "agogo": "h.h.l.l.h.hl.l.."},
    ),
    "salsa": (
        {"clave": "X.....X.....X...", "cowbell": "X...x.x.X...x.x.", "guiro": "x...x.x.x...x.x.",
         "conga": "s.s.h.s.s.s.l.l.", "kick": "......x.....x..."},
        {"clave": "....X...X.......", "cowbell": "X.x.x.x.X.x.x.x.", "guiro": "x...x.x.x...x.x.",
         "conga": "s.s.h.s.s.s.l.l.", "kick": "......x.....?...", "timbale": "............?.h."},
        {"clave": "....X...X.......", "ride": "x...x.x..xx.x.x.", "conga": "s.s.h.s.s.s.l.l.",
         "kick": "......x.........", "hat": "....x.......x..."},
        {"clave": "X.....X.....X...", "ride": "x.x.x..xx.x.x.x.", "conga": "s.s.h.s.l.l.s.l.",
         "kick": "......x.....?...", "hat": "....x.......x..."},
    ),
    "cha-cha": (
        {"cowbell": "X...X...X...X...", "guiro": "x...x.x.x...x.x.", "stick": "....x...........",
         "conga": "s.s.h.s.s.s.l.l.", "kick": "......x.....x..."},
        {"kick": "X.....x.....x...", "hat": "x...x...x...x...", "stick": "....x.......x...",
         "conga": "s.s.h.s.s.s.l.l."},
    ),
    "cumbia": (
        {"kick": "X.......X.......", "guiro": "x..xx..xx..xx..x",
         "conga": "..s.h.s...s.h.hl", "cowbell": "x...x...x...x..."},
        {"kick": "X...X...X...X...", "shaker": "o.x.o.x.o.x.o.x.",
         "guiro": "X.xxX.xxX.xxX.xx", "stick": "....x.......x..."},
    ),
    "hands": (
        {"kick": "X.......x..x....", "ghost": "..o...o.....o...", "conga": "s.s.h.s.s.sl.lh."},
        {"kick": "X.....x...x.....", "snare": "....x.......x...", "shaker": "xoxoxoxoxoxoxoxo"},
        {"kick": "X.......X.......", "tamb": "....X.......X..?", "shaker": "x.x.x.x.x.x.x.x."},
    ),
    "waltz": (
        {"kick": "X.......?...", "snare": "....x...x..."},
        {"kick": "X.........?.", "snare": "........X...", "hat": "x...x...x..."},
        {"kick": "X.....?.....", "stick": "....x...x...", "hat": "x.x.x.x.x.x."},
        {"kick": "X.......x...", "snare": "....X......."},
    ),
    "jazz-waltz": (
        {"ride": "X...x.o.x...", "hat": "....x.......", "kick": "o.....?...?.",
         "ghost": "..?...o...?."},
        {"ride": "X.o.x...x.o.", "hat": "....x...x...", "kick": "o...........",
         "ghost": "......?...o."},
    ),
    "six": (
        {"kick": "X...?.....x.", "snare": "......X.....", "hat": "x.x.x.x.x.x."},
        {"kick": "X..?....?.?.", "snare": "......X.....", "ride": "X.x.x.X.x.x."},
        {"kick": "X.......x...", "stick": "......X.....", "hat": "x.o.o.x.o.o."},
        {"kick": "X...x.......", "snare": "......X...?.", "tom": "..........?."},
    ),
    "odd": (
        {"kick": "X..?..?.X.?...?.X...", "snare": "....X.......X...?..."},
        {"kick": "X.....x...X.....x...", "snare": "....X.......X......."},
    ),
    "odd-eight": ({"kick": "X...x.....", "snare": "....x...x.", "hat": "x.x.x.x.x."},),
}  # fmt: skip
"""Every family; its bars all have the length of one metre."""

PAIRED = ("bossa", "salsa")
"""Families whose patterns are two bars long: each second variant answers the one before."""

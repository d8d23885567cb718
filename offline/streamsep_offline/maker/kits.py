"""Drum kits from recordings: which file is which piece of which kit."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from streamsep_offline.maker.drum_synth import synthesised_kit
from streamsep_offline.maker.excerpts import resampled
from streamsep_offline.maker.notes import to_samples
from streamsep_offline.maker.own_parts import kit_pieces
from streamsep_offline.maker.studio import Studio, Take

Kit = dict[str, list[np.ndarray]]
"""Sounds by piece, soft to loud (toms: high to low), each [2, samples]."""

_BANK = "instruments/drum-kit"
_ONE_SHOTS = "one-shots-cc0"
_CYMBALS = {
    "hat": ("CL Tip Hat*", "CL SH Hat*"),
    "open": ("OP SH Hat*", "OP TIP Hat*"),
    "ride": ("PL MID Tip*", "PL EDG Tip*"),
    "bell": ("PL BELL*",),
    "crash": ("*crash SH*", "PL crash*", "*crash Tip*"),
}
_HAND_PERCUSSION = (
    "Tamb*", "Cabasa*", "Clap*", "Bongo*", "Conga*", "*haker*", "Cowbell*", "Quinto*", "maraca*",
)  # fmt: skip
ACOUSTIC_KITS: dict[str, tuple[str, str, dict[str, tuple[str, ...]]]] = {
    "bank-kit": (
        _BANK,
        "Discord-SFZ-GM-Bank",
        {
            "kick": ("Kick *",),
            "snare": ("SML Snare [4-8]-*", "SML Snare RS*"),
            "ghost": ("SML Snare [1-3]-*", "Snare4_Xstick*"),
            "tom": ("M Tom*", "F Tom*"),
            "clap": ("Clap_*",),
            "perc": _HAND_PERCUSSION,
            **_CYMBALS,
        },
    ),
    "muldjordkit": (
        "drums/muldjordkit",
        "DrumGizmo MuldjordKit",
        {
            "kick": ("KdrumR_*",),
            "snare": ("Snare_*",),
            "ghost": ("SnareRest_*",),
            "hat": ("HihatClosed*",),
            "open": ("HihatOpen*",),
            "ride": ("RideR_*",),
            "bell": ("RideRBell*",),
            "crash": ("CrashL*", "CrashR*", "China*"),
            "tom": ("Tom1*", "Tom2*", "Tom3*", "Tom4*"),
        },
    ),
    "sonic-pi-acoustic": (
        _ONE_SHOTS,
        "Sonic Pi samples",
        {
            "kick": ("drum_bass_soft*", "drum_bass_hard*", "drum_heavy_kick*"),
            "snare": ("drum_snare_hard*",),
            "ghost": ("drum_snare_soft*",),
            "hat": ("drum_cymbal_closed*", "drum_cymbal_pedal*"),
            "open": ("drum_cymbal_open*",),
            "ride": ("drum_cymbal_soft*",),
            "crash": ("drum_cymbal_hard*", "drum_splash_hard*", "drum_splash_soft*"),
            "tom": ("drum_tom_hi_hard*", "drum_tom_mid_hard*", "drum_tom_lo_hard*"),
            "perc": ("drum_cowbell*",),
        },
    ),
    "cajon": (
        "drums/bobobo-cajon",
        "Karoryfer",
        {
            "kick": ("*bass*", "*cajon_s[rl]1_*"),
            "snare": ("*treble*", "*cajon_sl[45]*"),
            "ghost": ("*tenor_s*",),
            "hat": ("*treble_s*",),
            "open": ("*treble_l*",),
            "ride": ("*cajon_rl*",),
            "tom": ("*tenor_l*", "*cajon_sl[237]*"),
        },
    ),
    "body": (
        "drums/body-percussion",
        "sfzinstruments body_percussion",
        {
            "kick": ("*stomp*", "*chestthump*"),
            "snare": ("*handclap*", "*shoulder*"),
            "ghost": ("*snap*", "*finger*"),
            "hat": ("*cheek*", "*heel*"),
            "open": ("*head*",),
            "tom": ("*belly*",),
            "clap": ("*handclap*",),
            "perc": ("*snap*",),
        },
    ),
}
"""Folder, source and patterns of each piece, for each kit that was recorded as one."""

_STYLE_KITS: dict[str, dict[str, float]] = {
    "folk": {"cajon": 0.3, "body": 0.15}, "latin": {"cajon": 0.2}, "ballad": {"cajon": 0.1},
    "metal": {"muldjordkit": 1.5, "cajon": 0.001, "body": 0.001}, "pop": {"body": 0.06},
}  # fmt: skip
"""How often a kit is played where a style differs from the others."""

ELECTRONIC = {
    "kick": ("bd_*", "elec_hollow_kick*", "elec_soft_kick*"),
    "snare": ("sn_*", "elec_*snare*"),
    "clap": ("perc_snap*",),
    "hat": ("hat_*",),
    "open": ("elec_cymbal*", "drum_cymbal_open*"),
    "ride": ("ride_*",),
    "crash": ("drum_splash_hard*", "drum_cymbal_hard*"),
    "tom": ("elec_fuzz_tom*", "tabla_ghe*", "tabla_tun*"),
    "perc": (
        "elec_wood*", "elec_tick*", "elec_bl*", "elec_p*", "elec_tw*", "elec_bong*", "perc_bell*",
        "tabla_*", "glitch_perc*",
    ),
    "ghost": ("tabla_ke*", "perc_till*"),
}  # fmt: skip
UZU = {
    "kick": ("*_bd_*",), "snare": ("*_sd*",), "clap": ("*_cp_*",), "hat": ("*_hh_*",),
    "open": ("*_oh_*",), "ride": ("*_rd_*",), "crash": ("*_cr_*",), "tom": ("*t_mot4i*",),
    "perc": ("*_perc_*", "*_misc_*", "*_sh_*", "*_tb*"), "ghost": ("*_rim_*",),
}  # fmt: skip
_COLLECTIONS = {
    "one-shot": (_ONE_SHOTS, "Sonic Pi samples", ELECTRONIC),
    "uzu-hit": ("drums/uzu", "uzu-drumkit", UZU),
}
"""Single hits that make no kit: each is an ingredient of its own."""


def acoustic_kit(take: Take) -> tuple[str, Kit] | None:
    """A recorded kit of the split, half of the time with another snare; None without recordings."""
    weights = {"bank-kit": 0.45, "muldjordkit": 0.5, "sonic-pi-acoustic": 0.2, "cajon": 0.05}
    weights |= _STYLE_KITS.get(take.plan.genre.style, {})
    names = [n for n, (folder, _, _) in ACOUSTIC_KITS.items() if take.studio.files(folder, "*.ogg")]
    names = take.studio.allowed("kit", names)
    if not names:
        return None
    p = np.array([weights.get(name, 0.03) for name in names])
    name = names[int(take.rng.choice(len(names), p=p / p.sum()))]
    folder, source, pieces = ACOUSTIC_KITS[name]
    take.credits.add(take.stem, "kit", name, source)
    kit = {piece: _load(take.studio, folder, patterns) for piece, patterns in pieces.items()}
    if name in ("bank-kit", "muldjordkit", "sonic-pi-acoustic") and take.rng.random() < 0.5:
        snare = _other_snare(take)
        if snare:
            kit["snare"] = snare
    return name, kit_pieces(take, {piece: sounds for piece, sounds in kit.items() if sounds})


def _load(studio: Studio, folder: str, patterns: tuple[str, ...]) -> list[np.ndarray]:
    paths = [p for pattern in patterns for p in studio.files(folder, pattern + ".ogg")]
    return [studio.sample(path, longest_s=2.2) for path in paths]


def _other_snare(take: Take) -> list[np.ndarray] | None:
    by_snare: dict[str, list[Path]] = {}
    for path in take.studio.files("drums/frankensnare", "*.ogg"):
        by_snare.setdefault(snare_name(path.stem), []).append(path)
    if not by_snare:
        return None
    name = take.choose("snare", list(by_snare), "Karoryfer")
    if name is None:
        return None
    return [take.studio.sample(path, longest_s=2.2) for path in by_snare[name]]


def snare_name(stem: str) -> str:
    """The drum that a file's name tells: without microphone and loudness."""
    return re.sub(r"_s[nsbm]_vl\d+$", "", stem)


def electronic_kit(take: Take) -> tuple[str, Kit]:
    """A drum machine: synthesised, from single hits, or piece by piece from either."""
    kit: Kit = synthesised_kit(take.rng)
    kind = str(take.rng.choice(["synth", "mix", "one-shot", "uzu-hit"], p=[0.4, 0.3, 0.15, 0.15]))
    if kind == "synth":
        take.credits.add(take.stem, "kit", "drum synthesiser", "synthesised")
        return kind, kit_pieces(take, kit)
    for piece in kit:
        collection = (
            str(take.rng.choice(["one-shot", "uzu-hit", "synth"])) if kind == "mix" else kind
        )
        if collection == "synth":
            continue
        folder, source, pieces = _COLLECTIONS[collection]
        paths = {
            path.stem: path
            for pattern in pieces[piece]
            for path in take.studio.files(folder, pattern + ".ogg")
        }
        n_sounds = 3 if piece in ("tom", "perc") else 1
        chosen = {take.choose(collection, list(paths), source) for _ in range(n_sounds)} - {None}
        if chosen:
            kit[piece] = [take.studio.sample(paths[name], longest_s=1.6) for name in sorted(chosen)]
    return kind, kit_pieces(take, kit)


def stretched(sound: np.ndarray, ratio: float) -> np.ndarray:
    """A sound played faster (`ratio` > 1, higher) or slower, [2, samples]."""
    return resampled(sound, ratio, int((sound.shape[1] - 1) / ratio))


def gated(sound: np.ndarray, duration_s: float) -> np.ndarray:
    """A sound cut after a while, with a fade of 10 ms, [2, samples]."""
    short = sound[:, : to_samples(duration_s)].copy()
    n_fade = min(short.shape[1], to_samples(0.01))
    short[:, short.shape[1] - n_fade :] *= np.linspace(1.0, 0.0, n_fade, dtype=np.float32)
    return short

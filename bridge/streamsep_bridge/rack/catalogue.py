"""pedalboard's own effects: names, parameters, ranges. It tells no ranges itself, and takes anything."""

from __future__ import annotations

from streamsep_bridge.rack.parameters import Parameter

_QUALITIES = (
    "ZeroOrderHold",
    "Linear",
    "CatmullRom",
    "Lagrange",
    "WindowedSinc256",
    "WindowedSinc128",
    "WindowedSinc64",
    "WindowedSinc32",
    "WindowedSinc16",
    "WindowedSinc8",
)

_HZ, _SHARE, _TIME_MS = (10.0, 20000.0), (0.0, 1.0), (0.0, 5000.0)
_THRESHOLD_DB, _RATIO, _MOVES_HZ, _FEEDBACK = (-100.0, 0.0), (1.0, 100.0), (0.0, 100.0), (-1.0, 1.0)


def _numbers(**ranges: tuple[float, float]) -> tuple[Parameter, ...]:
    return tuple(Parameter(name, low, high) for name, (low, high) in ranges.items())


_DYNAMICS = _numbers(
    threshold_db=_THRESHOLD_DB, ratio=_RATIO, attack_ms=_TIME_MS, release_ms=_TIME_MS
)
_BELL = _numbers(cutoff_frequency_hz=_HZ, gain_db=(-60.0, 60.0), q=(0.01, 100.0))
_QUALITY = Parameter("quality", choices=_QUALITIES, is_live=False)

EFFECTS: dict[str, tuple[Parameter, ...]] = {
    "Bitcrush": _numbers(bit_depth=(1.0, 32.0)),
    "BrickwallLimiter": (
        *_numbers(ceiling_db=(-60.0, 0.0), release_ms=(0.1, 5000.0)),
        Parameter("lookahead_ms", 0.1, 100.0, is_live=False),
        Parameter("true_peak", is_switch=True, is_live=False),
    ),
    "Chorus": _numbers(
        rate_hz=_MOVES_HZ,
        depth=_SHARE,
        centre_delay_ms=(1.0, 100.0),
        feedback=_FEEDBACK,
        mix=_SHARE,
    ),
    "Clipping": _numbers(threshold_db=_THRESHOLD_DB),
    "Compressor": _DYNAMICS,
    "Convolution": _numbers(mix=_SHARE),
    "Delay": _numbers(delay_seconds=(0.0, 30.0), feedback=_SHARE, mix=_SHARE),
    "Distortion": _numbers(drive_db=(0.0, 100.0)),
    "GSMFullRateCompressor": (_QUALITY,),
    "Gain": _numbers(gain_db=(-100.0, 60.0)),
    "HighShelfFilter": _BELL,
    "HighpassFilter": _numbers(cutoff_frequency_hz=_HZ),
    "Invert": (),
    "LadderFilter": (
        Parameter("mode", choices=("LPF12", "HPF12", "BPF12", "LPF24", "HPF24", "BPF24")),
        *_numbers(cutoff_hz=_HZ, resonance=_SHARE, drive=(1.0, 100.0)),
    ),
    "Limiter": _numbers(threshold_db=_THRESHOLD_DB, release_ms=(1.0, 5000.0)),
    "LowShelfFilter": _BELL,
    "LowpassFilter": _numbers(cutoff_frequency_hz=_HZ),
    "MP3Compressor": _numbers(vbr_quality=(0.0, 9.9)),
    "NoiseGate": _DYNAMICS,
    "PeakFilter": _BELL,
    "Phaser": _numbers(
        rate_hz=_MOVES_HZ, depth=_SHARE, centre_frequency_hz=_HZ, feedback=_FEEDBACK, mix=_SHARE
    ),
    "PitchShift": _numbers(semitones=(-72.0, 72.0)),
    "Resample": (Parameter("target_sample_rate", 1000.0, 192000.0, is_live=False), _QUALITY),
    "Reverb": _numbers(
        room_size=_SHARE,
        damping=_SHARE,
        wet_level=_SHARE,
        dry_level=_SHARE,
        width=_SHARE,
        freeze_mode=_SHARE,
    ),
    "Transpose": _numbers(semitones=(-12.0, 12.0)),
}
"""Effects by pedalboard's names, and ours. A Convolution also has its impulse_response, a file."""

TRANSPOSE = "Transpose"
"""Not pedalboard's: see `streamsep_bridge.rack.transpose`. It has to be the last of a chain."""

SILENT_IN_STREAMS = ("GSMFullRateCompressor", "PitchShift")
"""Effects that pedalboard 0.9.26 turns to silence when called block by block; whole sounds they take."""

"""Lossy codecs: nearly everything that anybody separates has been through one."""

from __future__ import annotations

import io
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import soundfile

from streamsep.errors import ParameterError
from streamsep_offline.augment.piece import HeardOnly
from streamsep_offline.files.av_reader import require_av
from streamsep_offline.files.bitrate import compression_level
from streamsep_offline.files.formats import FORMATS
from streamsep_offline.tables import check_known, number

_FORMATS = {"mp3": "mp3", "vorbis": "ogg", "aac": "m4a"}
"""Codec -> format of `FORMATS`, which knows its rates."""

_PEAK = 0.9
"""Codecs are fed at this peak: what they drop depends on the level, and MP3 clips."""

_MP3_DELAY = 1105
"""LAME's 576 samples and the decoder's 529, where the file is too small for the tag that says so."""

_AAC_DELAY = 1024
"""A frame: FFmpeg's encoder primes with one, and a bare stream has no edit list that cuts it."""

_PIECE = 8192
"""Samples written at a time: libsndfile's Vorbis encoder overflows the stack on very long ones."""


@dataclass(frozen=True)
class Codec(HeardOnly):
    """The mixture encoded and decoded in memory, at its place in time; the stems are those before.

    Attributes:
        chance: That a mixture is encoded.
        codecs: To choose from: "mp3" and "vorbis" through libsndfile, "aac" through PyAV.
        low_kbps: Lowest bitrate of a stereo stream, 48 to 320; mono takes half.
        high_kbps: Highest bitrate, 48 to 320; drawn in octaves.
    """

    chance: float = number(0.2, 0.0, 1.0)
    codecs: tuple[str, ...] = ("mp3", "vorbis")
    low_kbps: float = number(64.0, 48.0, 320.0)
    high_kbps: float = number(256.0, 48.0, 320.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.codecs:
            raise ParameterError("augment 'codec' has no codecs; name one, or leave the piece out")
        for codec in self.codecs:
            check_known(codec, _FORMATS, "augment 'codec': codec")
        if "aac" in self.codecs:
            require_av("augment 'codec' with aac")

    def hear(self, rng: np.random.Generator, mixture: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `HeardOnly`.

        Raises:
            ParameterError: The codec does not hold this sample rate.
        """
        codec = self.codecs[rng.integers(len(self.codecs))]
        kbps = float(np.exp(rng.uniform(np.log(self.low_kbps), np.log(self.high_kbps))))
        rates = FORMATS[_FORMATS[codec]].rates
        if rates is not None and sample_rate not in rates:
            raise ParameterError(
                f"augment 'codec': {codec} does not hold {sample_rate} Hz; "
                f"leave it out, or train at one of {', '.join(map(str, rates))}"
            )
        peak = float(np.abs(mixture).max(initial=0.0))
        if not peak > 0.0:
            return mixture
        kbps *= len(mixture) / 2
        fed = (mixture * (_PEAK / peak)).astype(np.float32)
        through = _through_aac if codec == "aac" else _through_soundfile
        decoded = through(fed, sample_rate, _FORMATS[codec], kbps)
        output = np.zeros_like(mixture)
        n = min(output.shape[1], decoded.shape[1])
        output[:, :n] = decoded[:, :n] * (peak / _PEAK)
        return output


def _through_soundfile(
    audio: np.ndarray, sample_rate: int, container: str, kbps: float
) -> np.ndarray:
    """MP3 or Vorbis by libsndfile. float32 [channels, n] -> [channels, n or more]"""
    channels, n = audio.shape
    level = compression_level(f".{container}", kbps, sample_rate, channels)
    is_mp3, file = container == "mp3", io.BytesIO()
    with soundfile.SoundFile(
        file,
        "w",
        sample_rate,
        channels,
        "MPEG_LAYER_III" if is_mp3 else "VORBIS",
        format=container.upper(),
        compression_level=level,
        bitrate_mode="CONSTANT" if is_mp3 else None,
    ) as encoder:
        for start in range(0, n, _PIECE):
            encoder.write(np.ascontiguousarray(audio[:, start : start + _PIECE].T))
    file.seek(0)
    decoded = soundfile.read(file, dtype="float32", always_2d=True)[0].T
    return decoded[:, _MP3_DELAY:] if is_mp3 and decoded.shape[1] != n else decoded


def _through_aac(audio: np.ndarray, sample_rate: int, container: str, kbps: float) -> np.ndarray:
    """AAC by FFmpeg, without a file around it. float32 [channels, n] -> [channels, n or more]"""
    av = require_av("augment 'codec' with aac")
    layout = "mono" if len(audio) == 1 else "stereo"
    encoder = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = sample_rate, layout, "fltp"
    encoder.bit_rate, encoder.time_base = round(1000 * kbps), Fraction(1, sample_rate)
    encoder.open()
    packets = []
    for start in range(0, audio.shape[1], encoder.frame_size):
        samples = np.ascontiguousarray(audio[:, start : start + encoder.frame_size])
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=layout)
        frame.sample_rate, frame.time_base = sample_rate, Fraction(1, sample_rate)
        frame.pts = start
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    decoder = av.CodecContext.create("aac", "r")
    decoder.extradata = encoder.extradata
    frames = [frame for packet in packets for frame in decoder.decode(packet)]
    frames += decoder.decode(None)
    return np.concatenate([frame.to_ndarray() for frame in frames], axis=1)[:, _AAC_DELAY:]

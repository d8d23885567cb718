"""`Scene`: where everything of a session is: model, faders, mix. Taken from a session, brought to one.

{
"format": "streamsep-scene", "version": 1,
"model": {"preset": "classic", "profile": "stage", "stem_set": "4stems"},
"mix": {"gain": 1.0, "dry_wet": 1.0, "bypass": false},
"stems": {"vocals": {"gain": 0.5, "mute": false, "solo": false, "pan": 0.0, "width": 1.0}}
}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from streamsep.mixer import RAMP_S

if TYPE_CHECKING:
    from streamsep_bridge.live.session import LiveSession


@dataclass(frozen=True)
class SceneModel:
    """Which model separates; names, never paths."""

    preset: str
    profile: str
    stem_set: str


@dataclass(frozen=True)
class SceneMix:
    """See `streamsep_bridge.live.mix.Mix`."""

    gain: float = 1.0
    dry_wet: float = 1.0
    bypass: bool = False


@dataclass(frozen=True)
class SceneStem:
    """See `streamsep.mixer.StemControl`."""

    gain: float = 1.0
    mute: bool = False
    solo: bool = False
    pan: float = 0.0
    width: float = 1.0


@dataclass(frozen=True)
class Scene:
    """See the module's docstring.

    Attributes:
        model: None leaves the model as it is.
        mix: Controls of the sum.
        stems: Faders by name.
    """

    model: SceneModel | None = None
    mix: SceneMix = SceneMix()
    stems: Mapping[str, SceneStem] = field(default_factory=dict)


def take(session: LiveSession) -> Scene:
    """Where everything is now."""
    preset, mix = session.model.find(), session.mix
    return Scene(
        SceneModel(preset.name, preset.profile, preset.stem_set),
        SceneMix(mix.gain, mix.dry_wet, mix.bypass),
        {
            name: SceneStem(fader.gain, fader.mute, fader.solo, fader.pan, fader.width)
            for name, fader in session.stems.items()
        },
    )


def bring(session: LiveSession, scene: Scene, fade_s: float = RAMP_S) -> None:
    """Bring a session to a scene: the model, if it is another, then everything else in one fade.

    Args:
        session: In any state.
        scene: Stems that the model has not are passed over.
        fade_s: From where everything is; at least a ramp, so that nothing clicks.

    Raises:
        StreamsepError: The model cannot be had; nothing has moved then.
    """
    now = take(session).model
    if scene.model is not None and scene.model != now:
        session.change(**asdict(scene.model))
    ramp_s = max(fade_s, RAMP_S)
    session.mix.move(ramp_s=ramp_s, **asdict(scene.mix))
    for name, stem in scene.stems.items():
        if name in session.stems:
            session.stems.move(name, ramp_s=ramp_s, **asdict(stem))


def between(first: Scene, second: Scene, position: float) -> Scene:
    """A scene on the way from one to another.

    Levels go in dB, or in a straight line from or to silence; a mute is a way to silence; switches that
    cannot be in between are those of the nearer scene. At 0 and 1 it is exactly the one or the other, but
    for the model, which stays as it is.

    Args:
        first: At 0.
        second: At 1.
        position: 0 to 1.
    """
    if position in (0.0, 1.0):
        return replace(second if position else first, model=None)
    near = first if position < 0.5 else second
    stems = {}
    for name in first.stems.keys() & second.stems.keys():
        one, other = first.stems[name], second.stems[name]
        is_muted = one.mute and other.mute
        gains = [0.0 if stem.mute and not is_muted else stem.gain for stem in (one, other)]
        stems[name] = SceneStem(
            _level(gains[0], gains[1], position),
            is_muted,
            near.stems[name].solo,
            _line(one.pan, other.pan, position),
            _line(one.width, other.width, position),
        )
    mix = SceneMix(
        _level(first.mix.gain, second.mix.gain, position),
        _line(first.mix.dry_wet, second.mix.dry_wet, position),
        near.mix.bypass,
    )
    return Scene(None, mix, stems)


def to_json(scene: Scene) -> dict[str, Any]:
    """What a file holds."""
    data: dict[str, Any] = {"format": FORMAT, "version": FORMAT_VERSION}
    if scene.model is not None:
        data["model"] = asdict(scene.model)
    stems = {name: asdict(stem) for name, stem in scene.stems.items()}
    return data | {"mix": asdict(scene.mix), "stems": stems}


FORMAT, FORMAT_VERSION = "streamsep-scene", 1


def _line(one: float, other: float, position: float) -> float:
    return one + position * (other - one)


def _level(one: float, other: float, position: float) -> float:
    """In dB between two gains; in a straight line where one is silence."""
    if one <= 0.0 or other <= 0.0:
        return _line(one, other, position)
    return float(one ** (1.0 - position) * other**position)

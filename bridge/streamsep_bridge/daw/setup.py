"""What a DAW project was made for: stems, rate, block, and the delay that is written into it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from streamsep.errors import ParameterError, StreamsepError

FILE_NAME = "streamsep.json"
"""Beside the project."""

OSC_PORTS = {"ardour": 3819, "reaper": 8000}
"""Where each program listens unless it was told otherwise."""

FEEDBACK_PORT = 9001
"""Where REAPER, which has to be told, sends its feedback."""

MIXTURE = "Mixture"
"""Name of the track that is separated."""


class DawError(StreamsepError, OSError):
    """A DAW, its project, or the way to it is not as it has to be."""


@dataclass(frozen=True)
class DawSetup:
    """See the module's docstring.

    Attributes:
        daw: "ardour" or "reaper".
        preset: Name or path of the model.
        profile: Its profile.
        stem_set: Its stem set.
        stems: Names, in the order of the bridge's outputs.
        sample_rate: Of the project and of the sound server, in Hz.
        block_size: Samples per block of the sound server.
        latency_samples: Of the separation.
        port_samples: What the DAW's own ports delay the sound by, out and in together.
        written_samples: The delay that the project was written with.
        osc_port: Where the DAW listens.
    """

    daw: str
    preset: str
    profile: str
    stem_set: str
    stems: tuple[str, ...]
    sample_rate: int
    block_size: int
    latency_samples: int
    port_samples: int = 0
    written_samples: int = 0
    osc_port: int = 3819

    @property
    def delay_samples(self) -> int:
        """How late stems come back: the DAW hears in a block what it has sent in the one before."""
        return self.latency_samples + self.block_size + self.port_samples

    @property
    def tracks(self) -> dict[str, str]:
        """Name of every stem's track."""
        return {stem: stem.title() for stem in self.stems}

    def fit(self, facts: dict[str, Any]) -> DawSetup:
        """What a session that plays needs.

        Args:
            facts: `Status.facts`.

        Raises:
            DawError: The project has another rate or other stems, which no delay makes good.
        """
        if facts["sample_rate"] != self.sample_rate:
            raise DawError(
                f"the project has {self.sample_rate} Hz and the sound server {facts['sample_rate']}; "
                f"start the server at {self.sample_rate} Hz, or make another project"
            )
        if tuple(facts["stems"]) != self.stems:
            raise DawError(
                f"the project has the stems {', '.join(self.stems)} and {facts['preset']} gives "
                f"{', '.join(facts['stems'])}; make another project with --preset {facts['preset']}"
            )
        return replace(
            self,
            preset=facts["preset"],
            profile=facts["profile"],
            block_size=facts["block_size"],
            latency_samples=facts["latency_samples"],
        )

    def save(self, folder: Path) -> None:
        """Write it beside the project."""
        text = json.dumps(asdict(self), indent=2) + "\n"
        (folder / FILE_NAME).write_text(text, encoding="utf-8")


def load_setup(folder: Path) -> DawSetup:
    """What `DawSetup.save` wrote.

    Raises:
        DawError: It is missing or damaged.
    """
    path = folder / FILE_NAME
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        setup = DawSetup(**{**data, "stems": tuple(data["stems"])})
        numbers = (setup.sample_rate, setup.block_size, setup.latency_samples, setup.osc_port)
        if not all(isinstance(number, int) and number >= 0 for number in numbers):
            raise TypeError
    except FileNotFoundError:
        raise DawError(
            f"{folder} has no {FILE_NAME}; make a project with: streamsep daw ardour --session {folder}"
        ) from None
    except (ValueError, TypeError, KeyError):
        raise DawError(f"{path} is damaged; make the project anew") from None
    return setup


def check_delay(folder: Path, setup: DawSetup, facts: dict[str, Any]) -> None:
    """Refuse a project that compensates another delay; what it needs is noted beside it.

    Args:
        folder: Of the project.
        setup: Of the project.
        facts: `Status.facts` of the session that plays.

    Raises:
        DawError: Takes would not lie where the mixture does.
    """
    needed = setup.fit(facts)
    if needed.delay_samples == setup.written_samples:
        return
    needed.save(folder)
    raise DawError(
        f"the project makes good {setup.written_samples} samples and this session needs "
        f"{needed.delay_samples} (blocks of {needed.block_size}, {needed.profile}); close the project, "
        f"run: streamsep daw {setup.daw} --session {folder}, and open it again"
    )


def plan_setup(
    daw: str,
    preset: str | None,
    profile: str | None,
    stem_set: str | None,
    sample_rate: int,
    block_size: int,
    port_samples: int,
) -> DawSetup:
    """What a new project needs.

    Args:
        daw: "ardour" or "reaper".
        preset: As of `LiveSession`.
        profile: The same.
        stem_set: The same.
        sample_rate: Of the sound server, in Hz.
        block_size: Of the sound server.
        port_samples: As of `DawSetup`.

    Raises:
        PresetError: There is no such model.
        ParameterError: The rate is none of the separation's own.
    """
    from streamsep.presets import find_preset
    from streamsep.spec import NATIVE_RATES, find_profile

    if sample_rate not in NATIVE_RATES:
        raise ParameterError(
            f"{sample_rate} Hz is no rate for a project; choose one of: "
            + ", ".join(map(str, NATIVE_RATES))
        )
    found = find_preset(preset, profile, stem_set)
    return DawSetup(
        daw,
        found.name if preset is None else preset,
        found.profile,
        found.stem_set,
        found.stems,
        sample_rate,
        block_size,
        find_profile(found.profile).latency_samples(block_size),
        port_samples,
        osc_port=OSC_PORTS[daw],
    )

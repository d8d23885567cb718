"""From the targets of a model to the stems that were asked for: subsets, sums, and what is left over.

Stems sum to the mixture exactly wherever they claim all of it: the last one is then the mixture minus the
others, as in the real-time path. They claim all of it if every target of the model is in one stem, or if
a residual is named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from streamsep.errors import ParameterError


@dataclass(frozen=True)
class Mix:
    """How stems are made of targets.

    Attributes:
        stems: Names of what comes out.
        sources: Targets that each stem is the sum of; nothing for a residual.
        closes: The last stem is the mixture minus the others.
    """

    stems: tuple[str, ...]
    sources: tuple[tuple[str, ...], ...]
    closes: bool

    @property
    def used(self) -> tuple[str, ...]:
        """Targets that have to be estimated, each once."""
        return tuple(dict.fromkeys(name for group in self.sources for name in group))

    def apply(
        self, targets: Sequence[str], estimates: np.ndarray, mixture: np.ndarray
    ) -> np.ndarray:
        """The stems.

        Args:
            targets: Names of the estimates; more than are used do no harm.
            estimates: float32 [targets, channels, n]
            mixture: float32 [channels, n]

        Returns:
            A new array, float32 [stems, channels, n].
        """
        rows = {name: j for j, name in enumerate(targets)}
        stems = np.zeros((len(self.stems), *mixture.shape), np.float32)
        summed = self.sources[:-1] if self.closes else self.sources
        for stem, sources in zip(stems, summed, strict=False):
            for name in sources:
                stem += estimates[rows[name]]
        if self.closes:
            stems[-1] = mixture
            for stem in stems[:-1]:
                stems[-1] -= stem
        return stems


def plan_mix(
    available: Sequence[str],
    targets: Sequence[str] | None = None,
    aggregate: Mapping[str, Sequence[str]] | None = None,
    residual: str | None = None,
    two_stems: str | None = None,
) -> Mix:
    """Decide what comes out.

    Args:
        available: Targets that the model has.
        targets: Those wanted, in the order of the stems; None is all.
        aggregate: Stems by name, each the sum of targets, instead of the targets themselves.
        residual: Name of one stem more, the mixture minus all others.
        two_stems: Target that comes out beside all the rest: "vocals" gives vocals and no_vocals.

    Raises:
        ParameterError: A target is unknown, a name is used twice, or options exclude each other.
    """
    if two_stems is not None:
        if targets is not None or aggregate is not None or residual is not None:
            raise ParameterError(
                f"two_stems='{two_stems}' says all about the stems; leave out targets, aggregate "
                "and residual"
            )
        _check_known([two_stems], available)
        rest = tuple(name for name in available if name != two_stems)
        named = {two_stems: (two_stems,), f"no_{two_stems}": rest}
    elif aggregate is not None:
        named = {
            stem: _as_names(sources, f"aggregate '{stem}'") for stem, sources in aggregate.items()
        }
    else:
        wanted = list(available) if targets is None else list(_as_names(targets, "targets"))
        _check_once(wanted)
        named = {name: (name,) for name in wanted}
    chosen = available if targets is None else _as_names(targets, "targets")
    _check_known(chosen, available)
    for sources in named.values():
        _check_known(sources, chosen)
    if residual is not None:
        _check_once([*named, residual])
        named = {**named, residual: ()}
    if not named:
        raise ParameterError(f"no stems are wanted; there are: {', '.join(available)}")
    counts = Counter(name for sources in named.values() for name in sources)
    # A single target is not the whole mixture: what it leaves is something else.
    each_once = set(counts) == set(available) and max(counts.values()) == 1
    complete = each_once and len(available) > 1
    return Mix(
        stems=tuple(named),
        sources=tuple(named.values()),
        closes=complete or residual is not None or not list(named.values())[-1],
    )


def _as_names(names: Sequence[str], what: str) -> tuple[str, ...]:
    if isinstance(names, str) or not names:
        raise ParameterError(f"{what} = {names!r} must be a list of at least one name")
    return tuple(names)


def _check_once(names: Sequence[str]) -> None:
    twice = [name for name, n in Counter(names).items() if n > 1]
    if twice:
        raise ParameterError(f"'{twice[0]}' is named twice; give every stem a name of its own")


def _check_known(names: Sequence[str], available: Sequence[str]) -> None:
    for name in names:
        if name not in available:
            raise ParameterError(f"target '{name}' is unknown; there are: {', '.join(available)}")

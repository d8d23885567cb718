"""The table of a plan as Markdown: scores of every variant, and what is noise.

Of n seeds the mean and the standard deviation; against the first variant the difference of the means and
its standard error,

    s sqrt(1/n + 1/n_first)

with s pooled over the seeds of all variants, because the deviation of three seeds says little. What exceeds
three standard errors is bold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, stdev

from streamsep_offline.training.ablation.results import LOSS, SHARE, Result

_SCORES = (
    (LOSS, "made", "made songs, dB", 1.0, 3),
    (LOSS, "recorded", "recorded songs, dB", 1.0, 3),
    (SHARE, "made", "made songs, % closed", 100.0, 1),
    (SHARE, "recorded", "recorded songs, % closed", 100.0, 1),
)
"""Kind of score, music, heading, scale, decimals."""

_SURE = 3.0
"""Standard errors beyond which a difference is hardly one of seeds."""


def make_table(results: Sequence[Result], first: str) -> str:
    """The table, and how to read it; scores that no variant has are left out.

    Args:
        results: In the order of the plan.
        first: Name of the variant that the others are compared with; without it there are no
            differences.
    """
    base = next((one for one in results if one.name == first), None)
    shown = [s for s in _SCORES if any(one.scores(s[0], s[1]) for one in results)]
    head = ["variant", "what changes", "songs", "weights"]
    for *_, heading, _, _ in shown:
        head += [heading, f"against {first}"]
    rows = [head, ["---"] * len(head)]
    for one in results:
        row = [one.name, one.what, f"{one.songs:,}", f"{one.weights:,}"]
        for kind, music, _, scale, digits in shown:
            scores = [scale * x for x in one.scores(kind, music)]
            row.append(_mean(scores, digits))
            if base is None or one is base:
                row.append("")
                continue
            deviation = scale * pooled_deviation([x.scores(kind, music) for x in results])
            row.append(
                _difference(
                    scores, [scale * x for x in base.scores(kind, music)], deviation, digits
                )
            )
        rows.append(row)
    text = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{text}\n\n{_legend(results)}\n"


def pooled_deviation(groups: Sequence[Sequence[float]]) -> float:
    """Standard deviation about the groups' own means; NaN where no group has two values."""
    squares = sum((x - fmean(group)) ** 2 for group in groups if group for x in group)
    n_free = sum(len(group) - 1 for group in groups if group)
    return math.sqrt(squares / n_free) if n_free else math.nan


def standard_error(n: int, n_first: int, deviation: float) -> float:
    """Of the difference of two means, see the module's text."""
    return deviation * math.sqrt(1.0 / n + 1.0 / n_first)


def _mean(scores: Sequence[float], digits: int) -> str:
    if not scores:
        return ""
    spread = f" ± {stdev(scores):.{digits}f}" if len(scores) > 1 else ""
    return f"{fmean(scores):.{digits}f}{spread}"


def _difference(
    scores: Sequence[float], first: Sequence[float], deviation: float, digits: int
) -> str:
    if not scores or not first:
        return ""
    difference = fmean(scores) - fmean(first)
    text = f"{difference:+.{digits}f}"
    if math.isnan(deviation):
        return text
    error = standard_error(len(scores), len(first), deviation)
    text = f"{text} ± {error:.{digits}f}"
    return f"**{text}**" if abs(difference) > _SURE * error else text


def _legend(results: Sequence[Result]) -> str:
    n_seeds = sorted({len(one.seeds) for one in results})
    return (
        f"Mean ± standard deviation over seeds ({' or '.join(map(str, n_seeds)) or 'none yet'}), of the "
        "select list as it is; loss in dB, lower is better. Against the first: difference ± its standard "
        f"error, with the deviation of all variants pooled; bold beyond {_SURE:g} of them. Seeds draw "
        "weights and batches; which songs and examples were drawn is another source of chance, which only "
        "variants that draw anew show."
    )

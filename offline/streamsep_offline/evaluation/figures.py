"""The figures by which a stem is judged: what each is called, its unit, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass

from streamsep.errors import ParameterError

LIMIT_DB = 100.0
"""Figures in dB are cut here: a perfect estimate has 100 dB, not infinity."""

METRICS = ("share", "si-sdr", "leakage", "bsseval")
"""What can be asked for; SDR over sounding seconds comes with each, as it costs nothing."""

DEFAULT_METRICS = ("share", "si-sdr", "leakage")
"""BSSEval takes about as long as the music lasts, so it has to be asked for."""


@dataclass(frozen=True)
class Figure:
    """One number per stem and song.

    Attributes:
        key: In reports.
        heading: In tables.
        metric: What has to be asked for, a metric or a check; "" is always there.
        by: How songs are averaged: "mean" or "median"; of checks also "max" or "min".
        is_higher_better: False where less is better.
    """

    key: str
    heading: str
    metric: str
    by: str = "mean"
    is_higher_better: bool = True


FIGURES = {
    figure.key: figure
    for figure in (
        Figure("nothing_db", "nothing", "share"),
        Figure("sdr_db", "SDR", ""),
        Figure("ideal_db", "ideal mask", "share"),
        Figure("si_sdr_db", "SI-SDR", "si-sdr"),
        Figure("leakage_db", "leakage", "leakage", is_higher_better=False),
        Figure("bss_sdr_db", "BSS SDR", "bsseval", "median"),
        Figure("bss_isr_db", "ISR", "bsseval", "median"),
        Figure("bss_sir_db", "SIR", "bsseval", "median"),
        Figure("bss_sar_db", "SAR", "bsseval", "median"),
    )
}
"""Figures by key, in the order of tables."""


def figures_of(metrics: tuple[str, ...]) -> tuple[Figure, ...]:
    """The figures that these metrics give."""
    return tuple(f for f in FIGURES.values() if not f.metric or f.metric in metrics)


def parse_metrics(text: str | None) -> tuple[str, ...]:
    """Metrics from "share,bsseval", in the order of `METRICS`; "all" is all of them.

    Raises:
        ParameterError: One is unknown.
    """
    if text is None:
        return DEFAULT_METRICS
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in (*METRICS, "all"):
            raise ParameterError(
                f"metric '{name}' is unknown; choose of: {', '.join(METRICS)}, or all"
            )
    return METRICS if "all" in names else tuple(m for m in METRICS if m in names)

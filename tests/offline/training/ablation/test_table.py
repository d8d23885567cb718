"""What the table calls sure is hardly ever luck, and what it calls noise is."""

import numpy as np
import pytest

from streamsep_offline.training.ablation.results import Result
from streamsep_offline.training.ablation.table import (
    make_table,
    pooled_deviation,
    standard_error,
)


def result(name, made, songs=150, weights=1000, curves=(), recorded=()):
    seeds = {str(i): {"loss_db": {"made": x}} for i, x in enumerate(made, 1)}
    for seed, x in zip(seeds.values(), recorded, strict=False):
        seed["loss_db"]["recorded"] = x
    return Result(name, f"what {name} is", curves, {}, songs, weights, seeds)


def test_the_pooled_deviation_forgets_where_the_groups_lie():
    rng = np.random.default_rng(0)
    groups = [rng.normal(loc, 0.3, 3) for loc in rng.uniform(-20, 20, 400)]
    assert pooled_deviation([list(g) for g in groups]) == pytest.approx(0.3, rel=0.05)
    assert np.isnan(pooled_deviation([[1.0], [2.0], []]))


def test_the_standard_error_is_that_of_the_difference_of_means():
    rng = np.random.default_rng(1)
    differences = rng.normal(0, 0.3, (5000, 3)).mean(1) - rng.normal(0, 0.3, (5000, 2)).mean(1)
    assert standard_error(3, 2, 0.3) == pytest.approx(differences.std(), rel=0.05)


def test_a_table_tells_means_differences_and_what_is_sure():
    base = result("base", [-9.0, -9.1, -9.2], recorded=[-8.0, -8.2, -8.1])
    worse = result("worse", [-8.5, -8.4, -8.6], recorded=[-8.1, -8.0, -8.0], weights=2500)
    alone = result("alone", [-9.0])
    lines = make_table([base, worse, alone], "base").splitlines()
    assert lines[0] == (
        "| variant | what changes | songs | weights | made songs, dB | against base | recorded songs, dB | "
        "against base |"
    )
    assert (
        lines[2] == "| base | what base is | 150 | 1,000 | -9.100 ± 0.100 |  | -8.100 ± 0.100 |  |"
    )
    assert lines[3].endswith(
        "| 2,500 | -8.500 ± 0.100 | **+0.600 ± 0.082** | -8.033 ± 0.058 | +0.067 ± 0.067 |"
    )
    assert lines[4].endswith("| -9.000 | +0.100 ± 0.115 |  |  |")
    assert "seeds (1 or 3)" in lines[-1]


def test_of_variants_that_differ_by_luck_hardly_one_is_bold():
    rng, n_bold, n = np.random.default_rng(2), 0, 0
    for _ in range(30):
        results = [result(f"v{k}", list(rng.normal(-9, 0.1, 3))) for k in range(12)]
        n_bold += make_table(results, "v0").count("**") // 2
        n += 11
    assert n_bold / n < 0.03


def test_without_the_first_variant_there_is_nothing_to_compare_with():
    table = make_table([result("other", [-9.0, -9.1])], "base")
    assert "| -9.050 ± 0.071 |  |" in table
    assert make_table([], "base").startswith("| variant |")

"""The registry: every set is complete and pinned, and reading it is cheap."""

import subprocess
import sys

import pytest

from streamsep.errors import ParameterError
from streamsep_offline.umx.registry import SETS, find_set, split_digest


@pytest.mark.parametrize("name", ["umx", "umxhq", "umxl", "umxse"])
def test_every_file_is_pinned_and_named_after_its_target(name):
    model_set = find_set(name)
    for target, file in model_set.files.items():
        stem, digest = split_digest(file.removesuffix(".pth"))
        assert stem == target
        assert len(digest) == 8
    assert model_set.address.startswith("https://zenodo.org/records/")
    assert model_set.n_fft % model_set.hop == 0
    networks = len(model_set.targets)
    # A file holds little but the weights: 4 bytes each, counted for these sizes by the authors.
    weights = {"umx": 8_893_348, "umxhq": 8_893_348, "umxl": 28_257_188, "umxse": 1_583_622}[name]
    assert model_set.megabytes == pytest.approx(4e-6 * weights * networks, rel=0.03)


def test_only_umxl_is_non_commercial_and_it_is_not_the_first():
    assert [s.name for s in SETS.values() if not s.is_commercial] == ["umxl"]
    assert next(iter(SETS)) == "umxhq"


def test_an_unknown_set_is_named():
    with pytest.raises(
        ParameterError, match="'umxx' is unknown; there are: umxhq, umx, umxl, umxse"
    ):
        find_set("umxx")


def test_listing_the_sets_needs_no_torch():
    code = (
        "import sys, streamsep_offline.umx.source as s\n"
        "assert len(s.source.sets()) == 4\n"
        "assert not {'torch', 'numba'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

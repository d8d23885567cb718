"""Kernels are compiled by a process of their own, once for each way of separating."""

import subprocess
import sys

import pytest

from streamsep_offline.files import prepare as module
from streamsep_offline.files.prepare import is_prepared, prepare
from streamsep_offline.separation.settings import SeparationSettings


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "cache_folder", lambda: tmp_path)
    return tmp_path


def test_a_way_of_separating_is_compiled_once(empty_cache, monkeypatch):
    started = []

    def run(command, **options):
        started.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(module.subprocess, "run", run)
    plain = SeparationSettings(model="classic")
    other_stems = SeparationSettings(model="classic", two_stems="vocals", shifts=3)
    other_kernels = SeparationSettings(model="classic", niter=0)
    assert not is_prepared(plain)
    prepare(plain)
    prepare(plain)
    assert is_prepared(other_stems)
    assert not is_prepared(other_kernels)
    assert [command[0] for command in started] == [sys.executable]


def test_what_failed_is_not_taken_for_done(empty_cache, monkeypatch):
    failed = subprocess.CompletedProcess([], 1)
    monkeypatch.setattr(module.subprocess, "run", lambda command, **options: failed)
    prepare(SeparationSettings(model="classic"))
    assert not is_prepared(SeparationSettings(model="classic"))


def test_the_process_separates_with_the_settings_it_is_given():
    settings = SeparationSettings(model="classic", niter=0)
    prepare(settings)
    assert is_prepared(settings)

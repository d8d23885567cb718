import pytest

from streamsep.errors import ParameterError
from streamsep_offline.separation.device import choose_device


def test_the_processor_is_always_there():
    assert choose_device("cpu") == "cpu"


def test_by_itself_it_takes_what_is_there():
    torch = pytest.importorskip("torch")
    assert choose_device(None) == ("cuda" if torch.cuda.is_available() else "cpu")


def test_what_is_not_there_is_refused_with_a_remedy():
    torch = pytest.importorskip("torch")
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    for name in (name for name, there in present.items() if not there):
        with pytest.raises(ParameterError, match=f"'{name}' is not available here.*use 'cpu'"):
            choose_device(name)


def test_unknown_devices_are_refused_with_the_list():
    with pytest.raises(ParameterError, match="choose one of: cpu, cuda, mps"):
        choose_device("tpu")

import pytest

from cue_models import write_both_ways_preset
from signals import noise_stems
from streamsep.errors import ParameterError, PresetError
from streamsep.model import save_model
from streamsep.presets import find_preset
from streamsep_offline.evaluation.choose import Wish, choose_method
from streamsep_offline.evaluation.estimates import EstimatesMethod
from streamsep_offline.evaluation.exported import OnnxMethod
from streamsep_offline.evaluation.live import LiveMethod
from streamsep_offline.evaluation.offline import OfflineMethod
from streamsep_offline.separation.settings import DEFAULT_MODEL


def test_a_preset_is_heard_live_unless_offline_is_asked_for():
    live = choose_method("classic-2stems-tight", Wish(precision="int8"))
    assert live == LiveMethod("classic-2stems-tight", precision="int8")
    assert live.title == "classic, 2stems at tight, compiled int8, live"
    offline = choose_method("classic", Wish("offline", profile="tight", niter=0))
    assert isinstance(offline, OfflineMethod)
    assert offline.separation.model == "classic-4stems-tight"
    assert offline.separation.niter == 0
    assert isinstance(choose_method(None, Wish()), LiveMethod)


def test_folders_are_what_they_hold(tmp_path, write_stems):
    save_model(find_preset("classic").load(), tmp_path / "model")
    assert isinstance(choose_method(str(tmp_path / "model"), Wish()), LiveMethod)
    write_stems(tmp_path / "theirs" / "test" / "song", ("vocals",), noise_stems(1, 0.1))
    theirs = choose_method(str(tmp_path / "theirs"), Wish())
    assert theirs == EstimatesMethod(str(tmp_path / "theirs"))
    (tmp_path / "umx").mkdir()
    (tmp_path / "umx" / "separator.json").write_text("{}")
    assert isinstance(choose_method(str(tmp_path / "umx"), Wish(niter=2)), OfflineMethod)
    (tmp_path / "step.onnx").write_bytes(b"")
    assert isinstance(choose_method(str(tmp_path / "step.onnx"), Wish()), OnnxMethod)


def test_published_sets_look_ahead():
    assert isinstance(choose_method("umxhq", Wish()), OfflineMethod)
    with pytest.raises(ParameterError, match="--live means nothing for a bidirectional network"):
        choose_method("umxhq", Wish("live"))


@pytest.mark.parametrize(
    ("wish", "option"),
    [
        (Wish(niter=2), "--niter"),
        (Wish("live", shifts=2), "--shifts"),
        (Wish("offline", precision="int8"), "--precision"),
        (Wish("offline", wiener=False), "--wiener"),
    ],
)
def test_an_option_of_the_other_path_is_refused(wish, option):
    with pytest.raises(ParameterError, match=f"{option} means nothing for the"):
        choose_method("classic", wish)


def test_what_there_is_not(tmp_path):
    with pytest.raises(
        PresetError, match=r"preset 'clasic' is unknown; did you mean 'classic'.*umxhq"
    ):
        choose_method("clasic", Wish())
    with pytest.raises(PresetError, match="streamsep export RUN --onnx"):
        choose_method(str(tmp_path / "step.onnx"), Wish())


def test_what_hears_the_future_is_heard_offline_by_name_and_by_folder(tmp_path, monkeypatch):
    write_both_ways_preset(tmp_path)
    monkeypatch.setenv("STREAMSEP_PRESETS", str(tmp_path))
    for name in ("4stems-mine", str(tmp_path / "mine")):
        for path in (None, "offline"):
            method = choose_method(name, Wish(path, niter=0))
            assert isinstance(method, OfflineMethod)
            assert (method.separation.model, method.separation.niter) == (name, 0)
        for wish, option in ((Wish("live"), "--live"), (Wish(precision="int8"), "--precision")):
            with pytest.raises(ParameterError, match=f"{option} means nothing for a model that he"):
                choose_method(name, wish)


def test_without_a_name_the_offline_path_is_that_of_separate():
    method = choose_method(None, Wish("offline"))
    assert isinstance(method, OfflineMethod)
    assert method.separation.model is None
    assert method.title.startswith(f"{DEFAULT_MODEL}, offline")
    tight = choose_method(None, Wish("offline", profile="tight"))
    assert tight.separation.model == "4stems-tight-4stems-tight"

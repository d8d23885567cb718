import pytest

from streamsep_offline.maker.notes import pitch_in_name, pitch_to_hz, to_samples


@pytest.mark.parametrize(
    ("name", "pitch"),
    [
        ("a2_f_rr1", 45),
        ("pizz_eb2_vl3_rr1", 39),
        ("black_ord_twang_c7_f_rr1", 96),
        ("femalevoices_aa2_C#4", 61),
        ("femalevoice_oo_femalevoice_oo_A3", 57),
        ("martin_notes_exports_mono_As3-2", 58),
        ("femalevoices_oo2_c6", 84),
        ("growl14_rr2", None),
        ("SnareRest_01", None),
    ],
)
def test_pitch_is_read_from_file_names(name, pitch):
    assert pitch_in_name(name) == pitch


def test_concert_pitch():
    assert pitch_to_hz(69) == 440.0
    assert pitch_to_hz(57) == pytest.approx(220.0)
    assert to_samples(0.5) == 22050

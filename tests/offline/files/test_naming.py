"""Names of outputs: what the template says, inside the folder, each only once."""

import os
from pathlib import Path

import pytest

from streamsep.errors import ParameterError
from streamsep_offline.files.formats import FORMATS
from streamsep_offline.files.naming import (
    check_collisions,
    check_stem_names,
    check_template,
    output_paths,
    track_and_extension,
)

WAV, STEM_MP4 = FORMATS["wav"], FORMATS["stem.mp4"]


def paths(source, template=None, output=WAV, stems=("vocals", "drums")):
    template = check_template(template, output)
    made = output_paths(Path(source), Path("out"), template, stems, output, "classic")
    return [path.as_posix() for path in made]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a/Song.Part 1.flac", ("Song.Part 1", "flac")),
        ("Mix.STEM.MP4", ("Mix", "STEM.MP4")),
        (".stem.mp4", (".stem", "mp4")),
        ("no-extension", ("no-extension", "")),
    ],
)
def test_track_is_the_name_without_its_extension(name, expected):
    assert track_and_extension(Path(name)) == expected


def test_defaults():
    assert paths("music/song.mp3") == ["out/song/vocals.wav", "out/song/drums.wav"]
    assert paths("music/song.mp3", output=STEM_MP4) == ["out/song.stem.mp4"]


def test_every_field():
    template = "{folder}/{model}/{track}.{trackext} - {stem}.{ext}"
    assert paths("music/song.mp3", template)[0] == "out/music/classic/song.mp3 - vocals.wav"


@pytest.mark.skipif(os.name == "nt", reason="no names of files there")
@pytest.mark.parametrize("track", ["A: side", "AC\\DC", "what?"])
def test_names_that_this_system_allows_are_kept(track):
    assert paths(f"{track}.mp3")[0] == f"out/{track}/vocals.wav"


def test_a_name_with_braces_is_not_a_field():
    assert paths("{stem}{0}.mp3")[0] == "out/{stem}{0}/vocals.wav"


@pytest.mark.parametrize(
    "template",
    [
        "{title}.{ext}",
        "{}.{ext}",
        "{stem!r}.{ext}",
        "{stem:>9}.{ext}",
        "{stem.{ext}",
        "{stem[0]}.{ext}",
    ],
)
def test_fields_that_do_not_exist_are_refused_with_those_that_do(template):
    with pytest.raises(ParameterError, match="trackext"):
        check_template(template, WAV)


@pytest.mark.parametrize(
    "template",
    [
        "../{stem}.{ext}",
        "/tmp/{stem}.{ext}",
        "a/../../{stem}.{ext}",
        "..\\{stem}.{ext}",
    ],
)
def test_no_template_leads_out_of_the_folder(template):
    with pytest.raises(ParameterError, match="out of the output folder"):
        paths("song.mp3", template)


@pytest.mark.parametrize("template", ["{stem}.mp3", "{stem}", "{track}/.{stem}.{ext}"])
def test_a_name_must_be_a_visible_file_of_the_format(template):
    with pytest.raises(ParameterError, match="not a name"):
        paths("song.mp3", template)


def test_one_file_of_all_stems_has_no_stem_in_its_name():
    with pytest.raises(ParameterError, match="holds them all"):
        check_template("{track}-{stem}.{ext}", STEM_MP4)


@pytest.mark.parametrize("name", ["../up", "a/b", "a\\b", "", ".hidden", "a:b", "line\n"])
def test_stems_whose_names_are_not_names_of_files_are_refused(name):
    with pytest.raises(ParameterError, match="file's name"):
        check_stem_names(["vocals", name])


def test_outputs_that_meet_are_refused_with_the_remedy():
    one, two = Path("one/song.wav"), Path("two/song.wav")
    with pytest.raises(ParameterError, match=r"one.song.wav and two.song.wav.*\{folder\}"):
        check_collisions([(one, [Path("o/song/a.wav")]), (two, [Path("o/x/../song/a.wav")])])
    with pytest.raises(ParameterError, match=r"put \{stem\}"):
        check_collisions([(one, [Path("o/song.wav"), Path("o/song.wav")])])
    check_collisions([(one, [Path("o/a.wav")]), (two, [Path("o/b.wav")])])


def test_an_output_is_never_an_input(tmp_path):
    song = tmp_path / "song.wav"
    song.touch()
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(ParameterError, match="is an input"):
        check_collisions([(song, [tmp_path / "link" / "song.wav"])])

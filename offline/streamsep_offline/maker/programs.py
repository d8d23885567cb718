"""The maker's programs for a journey to a machine that has none: FluidSynth's library and espeak-ng.

They travel with the libraries that they need, but for the C library's own, so the other machine needs one as
new. Sound servers are not needed to render: what would play is replaced by libraries whose functions do
nothing, a tenth of the size of the true ones and of all that these need.
"""

from __future__ import annotations

import ctypes.util
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from streamsep.errors import StreamsepError

_HAD = re.compile(r"/(ld-linux|lib(c|m|dl|pthread|rt|resolv|gcc_s|stdc\+\+|gomp))[-.]")
"""Libraries of the system itself."""

_SERVERS = re.compile(
    r"/lib(asound|pulse|pulse-simple|jack|dbus-1|SDL2-2\.0|readline|pipewire-0\.3)\.so"
)
"""Libraries that play, show and ask."""

_LIBRARY_PLACES = ("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib")
_SPEECH_LANGUAGES = ("en", "de", "es", "fr", "it", "pt", "sv")
_SYMBOL = re.compile(r"\s(?:FUNC|OBJECT|NOTYPE)\s+\w+\s+DEFAULT\s+(\S+)\s+([^\s@]+)(?:@+(\S+))?")


class ProgramsError(StreamsepError):
    """A program cannot be packed here."""


def pack_programs(output: Path) -> list[str]:
    """Copy FluidSynth and espeak-ng with what they need; names of those that are there.

    Args:
        output: Folder to write: lib, bin, espeak-ng-data, licences.

    Raises:
        ProgramsError: Programs that are needed to look into libraries are not installed.
    """
    for tool in ("ldd", "readelf", "gcc"):
        if shutil.which(tool) is None:
            raise ProgramsError(f"{tool} is not installed; install binutils and gcc")
    found, roots = [], []
    name = ctypes.util.find_library("fluidsynth")
    places = [Path(folder) / str(name) for folder in _LIBRARY_PLACES]
    library = next((path for path in places if path.exists()), None)
    if library is not None:
        found.append("fluidsynth")
        roots.append(library)
    speech = shutil.which("espeak-ng")
    data = [Path(folder) / "espeak-ng-data" for folder in (*_LIBRARY_PLACES, "/usr/share")]
    spoken = next((folder for folder in data if folder.is_dir()), None)
    if speech is not None and spoken is not None:
        found.append("espeak-ng")
        roots.append(Path(speech))
        (output / "bin").mkdir(parents=True, exist_ok=True)
        shutil.copy(speech, output / "bin")
        _copy_speech(spoken, output / "espeak-ng-data")
    (output / "lib").mkdir(parents=True, exist_ok=True)
    kept = _pack_libraries(roots, output / "lib")
    _copy_licences([*kept, *roots], output / "licences")
    return found


def _pack_libraries(roots: Iterable[Path], output: Path) -> set[Path]:
    """Copy what is needed, true or hollow; the true ones."""
    waiting, true, hollow = list(roots), set(), set()
    needed_by: dict[Path, list[Path]] = {}
    while waiting:
        one = waiting.pop()
        for needed in _needed(one):
            if _HAD.search(str(needed)):
                continue
            if _SERVERS.search(str(needed)):
                needed_by.setdefault(needed, []).append(one)
                hollow.add(needed)
            elif needed not in true:
                true.add(needed)
                waiting.append(needed)
    true |= {one for one in roots if ".so" in one.name}
    for one in true:
        shutil.copyfile(one.resolve(), output / one.name)
    for one in hollow:
        _make_hollow(one, needed_by[one], output / one.name)
    return true


def _needed(binary: Path) -> list[Path]:
    """Libraries that a binary itself asks for."""
    asked = set(re.findall(r"\(NEEDED\).*\[(.+)\]", _told("readelf", "-d", binary)))
    return [
        Path(path)
        for name, path in re.findall(r"(\S+) => (/\S+)", _told("ldd", binary))
        if name in asked
    ]


def _make_hollow(library: Path, users: list[Path], output: Path) -> None:
    """A library of the same name with those functions of it that the users call, none of which acts."""
    symbols = _told("readelf", "-W", "--dyn-syms", library)
    defined = {name for place, name, _ in _SYMBOL.findall(symbols) if place != "UND"}
    called = {
        name: version
        for user in users
        for place, name, version in _SYMBOL.findall(_told("readelf", "-W", "--dyn-syms", user))
        if place == "UND" and name in defined
    }
    by_version: dict[str, list[str]] = {}
    for name, version in sorted(called.items()):
        by_version.setdefault(version, []).append(name)
    nodes = [f"{v} {{ global: {'; '.join(names)}; }};" for v, names in by_version.items() if v]
    with tempfile.TemporaryDirectory() as folder:
        source, versions = Path(folder) / "hollow.c", Path(folder) / "versions"
        source.write_text(
            "".join(f"long {name}(void) {{ return 0; }}\n" for name in sorted(called))
        )
        versions.write_text("\n".join(nodes))
        options = [f"-Wl,--version-script={versions}"] if nodes else []
        _told(
            *("gcc", "-shared", "-fPIC", "-w", "-fno-builtin", "-O1", "-s", *options),
            *(f"-Wl,-soname,{library.name}", "-o", output, source),
        )


def _copy_speech(source: Path, target: Path) -> None:
    """Voices and languages of the texts that the maker has spoken."""
    target.mkdir(parents=True, exist_ok=True)
    for path in source.iterdir():
        is_dictionary = path.name.endswith("_dict")
        if path.is_file() and (not is_dictionary or path.name[:-5] in _SPEECH_LANGUAGES):
            shutil.copyfile(path, target / path.name)
    for folder in ("lang/gmw", "lang/gmq", "lang/roa", "voices/!v"):
        if (source / folder).is_dir():
            shutil.copytree(source / folder, target / folder, dirs_exist_ok=True)


def _copy_licences(files: Iterable[Path], output: Path) -> None:
    """Copyright notes of the packages that the files are of, where the system keeps them."""
    if shutil.which("dpkg") is None:
        return
    output.mkdir(parents=True, exist_ok=True)
    for file in files:
        for path in (file.resolve(), file):
            told = subprocess.run(["dpkg", "-S", str(path)], capture_output=True, text=True).stdout
            package = told.split(":")[0]
            note = Path("/usr/share/doc") / package / "copyright"
            if package and note.is_file():
                shutil.copyfile(note, output / package)


def _told(*command: str | Path) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode:
        reason = " ".join(done.stderr.split())[-200:]
        raise ProgramsError(f"{command[0]} failed ({reason}); pack without this program")
    return done.stdout

"""What gpu_train.sh needs on a machine without network, in one folder of at most 48 MB.

    python benchmarks/gpu_pack.py --samples DIR [-o gpu-pack] [--python 3.12]

wheels/           Python packages for that Python on 64-bit Linux, of which what is missing there is installed
samples.tar.xz    the samples of the lists train and select as Opus; nothing of the list report
programs.tar.xz   FluidSynth, its sound font (Ogg Vorbis) and espeak-ng, with their libraries and licences
pack.json         sizes, versions, sources and licences

Needs pip with an index, and for the programs fluidsynth, fluid-soundfont-gm, espeak-ng, binutils and gcc;
what is not installed is left out and said. Exit code 1 where the pack is too large: do not use it then.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from streamsep_offline.maker.gm import SOUND_FONTS
from streamsep_offline.maker.manifest import LICENCES
from streamsep_offline.maker.programs import ProgramsError, pack_programs
from streamsep_offline.maker.sound_font import compress_font
from streamsep_offline.maker.splits import split_of
from streamsep_offline.maker.travel import travelling_samples
from streamsep_offline.maker.versions import versions

LIMIT_MB = 48.0

TRAVELS_MB = 64 * 1.048576
"""What a lent machine takes with a call: repository, pack, and the state of the call before."""

SPLITS = ("train", "select")
ALBUM_S = 90.0
"""Of each recorded song; 'select' looks at 30 to 150 s of its own, but only to keep the best weights."""

FONT_LEVEL = 0.8
"""Vorbis's quality 2."""

PACKAGES = (
    *("soundfile", "cffi", "pycparser", "soxr", "platformdirs", "shtab", "safetensors", "pyworld"),
    *("lightning-fabric", "lightning-utilities", "tensorboardX"),
)
PLATFORMS = tuple(f"manylinux_2_{n}_x86_64" for n in (34, 28, 27, 24, 17, 12, 5))


def main() -> int:
    """Make the pack; 1 where it is too large."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--samples", type=Path, required=True, help="folder of samples")
    parser.add_argument("-o", "--output", type=Path, default=Path("gpu-pack"), help="(gpu-pack)")
    parser.add_argument("--python", default="3.12", help="version there (3.12)")
    args = parser.parse_args()
    if not args.samples.is_dir():
        parser.error(f"--samples {args.samples} is no folder; name the samples that the maker uses")
    shutil.rmtree(args.output, ignore_errors=True)
    args.output.mkdir(parents=True)
    sizes = {
        "wheels": pack_wheels(args.output / "wheels", args.python),
        "programs": pack_with_font(args.output / "programs.tar.xz"),
        "samples": pack_samples(args.samples, args.output / "samples.tar.xz"),
    }
    facts = {
        "format": "streamsep-gpu-pack",
        "bytes": sizes,
        "lists": SPLITS,
        "python": args.python,
        "versions": versions(),
        "sources": LICENCES,
    }
    (args.output / "pack.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    total_mb = sum(p.stat().st_size for p in args.output.rglob("*") if p.is_file()) / 1e6
    for name, size in sizes.items():
        say(f"{name:10s}{size / 1e6:6.1f} MB")
    say(f"{'together':10s}{total_mb:6.1f} MB of {LIMIT_MB:.0f}, in {args.output}")
    repository_mb = tracked_bytes() / 1e6
    say(f"{'repository':10s}{repository_mb:6.1f} MB")
    say(
        f"of {TRAVELS_MB:.0f} MB {TRAVELS_MB - total_mb - repository_mb:.1f} are left for the state"
    )
    if total_mb > LIMIT_MB:
        say("too large: this pack will not travel; leave samples out, or lower ALBUM_S")
        return 1
    return 0


def pack_wheels(output: Path, python: str) -> int:
    """Fetch wheels for a Python elsewhere; what has none is built, or its sources go along."""
    output.mkdir()
    platforms = [word for name in PLATFORMS for word in ("--platform", name)]
    for name in PACKAGES:
        try:
            wanted = f"{name}=={importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            wanted = name
        there = ["--only-binary=:all:", "--python-version", python, *platforms]
        builder = shutil.which(f"python{python}")
        tries = [[sys.executable, "-m", "pip", "download", *there, "-d"]]
        if builder is not None:
            tries.append([builder, "-m", "pip", "wheel", "-w"])
        tries.append([sys.executable, "-m", "pip", "download", "--no-binary=:all:", "-d"])
        if not any(
            subprocess.run(
                [*words, str(output), "-q", "--no-deps", wanted], capture_output=True
            ).returncode
            == 0
            for words in tries
        ):
            say(f"without {wanted}: no wheel and no sources of it were found")
    return size_of(output)


def pack_with_font(output: Path) -> int:
    """FluidSynth, its font and espeak-ng."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            say("programs: " + (", ".join(pack_programs(folder)) or "none are installed"))
        except ProgramsError as error:
            say(f"without programs: {error}")
        font = next((path for path in SOUND_FONTS if path.exists()), None)
        if font is None:
            say("without General MIDI: install fluid-soundfont-gm")
        else:
            compress_font(font, folder / "FluidR3_GM.sf3", is_played, FONT_LEVEL)
        return pack_folder(folder, output)


def is_played(bank: int, program: int) -> bool:
    """Whether a wanted list may play a program of the sound font."""
    kind = "gm-kit" if bank == 128 else "gm-program"
    return bank in (0, 128) and split_of(kind, str(program)) in SPLITS


def pack_samples(samples: Path, output: Path) -> int:
    """Samples of the wanted lists."""
    with tempfile.TemporaryDirectory() as name:
        sizes = travelling_samples(samples, Path(name), SPLITS, ALBUM_S)
        for folder, size in sorted(sizes.items(), key=lambda one: -one[1]):
            if size > 1e6:
                say(f"  {size / 1e6:5.1f} MB {folder}")
        return pack_folder(Path(name), output)


def pack_folder(folder: Path, output: Path) -> int:
    """All of a folder in one file."""
    with tarfile.open(output, "w:xz") as file:
        for path in sorted(folder.iterdir()):
            file.add(path, path.name)
    return size_of(output)


def tracked_bytes() -> int:
    """Of this repository as it travels."""
    root = Path(__file__).parents[1]
    told = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True)
    files = [root / name for name in told.stdout.split("\0") if name]
    return sum(path.stat().st_size for path in files if path.is_file())


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files of a folder."""
    files = [path] if path.is_file() else path.rglob("*")
    return sum(one.stat().st_size for one in files if one.is_file())


def say(text: str) -> None:
    """One line, at once."""
    print(text, flush=True)  # noqa: T201 - a script that tells


if __name__ == "__main__":
    raise SystemExit(main())

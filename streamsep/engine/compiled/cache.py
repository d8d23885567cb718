"""The decorator `kernel`: numba without the GIL, cached under a name made from *all* sources of a folder.

numba's own cache notices a change in a function's file but not in the files of the functions it
calls, and would then run old machine code. Here the cache folder itself is named by a digest of every
source file of this package, numba's and Python's version and the processor; any change is a new folder.

Set STREAMSEP_CACHE_DIR to put the cache elsewhere (a read-only home, a container image).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import llvmlite.binding as llvm
import numba
import platformdirs

KEPT_FOLDERS = 4
"""Cache folders kept when a new one is made; older ones belong to versions no longer installed."""

FAST_MATH = {"reassoc", "contract", "arcp", "nsz", "afn"}
"""Without the two flags that assume NaN and Inf never occur: comparisons with NaN keep their meaning."""

_ENGINE = Path(__file__).parents[1]


def source_digest(sources: Path = _ENGINE) -> str:
    """Hexadecimal digest of all sources in a folder and of all else that their machine code depends on."""
    digest = hashlib.sha256()
    for path in sorted(sources.rglob("*.py")):
        digest.update(path.relative_to(sources).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    processor = f"{llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"
    for fact in (numba.__version__, sys.version, processor, " ".join(sorted(FAST_MATH))):
        digest.update(fact.encode() + b"\0")
    return digest.hexdigest()[:20]


def cache_folder(sources: Path = _ENGINE, label: str = "engine") -> Path:
    """Folder of the machine code for exactly this state of the sources; not necessarily there yet."""
    root = os.environ.get("STREAMSEP_CACHE_DIR") or platformdirs.user_cache_dir("streamsep")
    return Path(root) / f"compiled-{label}-{source_digest(sources)}"


def is_cached(kind: str) -> bool:
    """Whether machine code for models of this kind, from just these sources, is in the cache already."""
    return any(cache_folder().rglob(f"{kind}.hop-*.nbi"))  # numba: module.function-line


def remove_stale_folders(root: Path, label: str, kept: int = KEPT_FOLDERS) -> None:
    """Delete all but the `kept` most recently used cache folders of that label below `root`."""
    folders = sorted(
        root.glob(f"compiled-{label}-*"), key=lambda p: p.stat().st_mtime, reverse=True
    )
    for old in folders[kept:]:
        shutil.rmtree(old, ignore_errors=True)


def make_kernel(sources: Path, label: str) -> Callable[[Callable], Callable]:
    """A decorator that compiles functions: nopython, no GIL, fast, cached as described above.

    `forceinline` makes a process that compiles compute the same bits as one that loads: else callees
    stand in the machine code of every caller once more, rounded in another order, and which of them
    is called depends on what the process compiled or loaded first (1e-7 of full scale, measured).

    Args:
        sources: The folder that holds the functions and all that they call.
        label: A name for its machine code.
    """
    folder = cache_folder(sources, label)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.touch()
        remove_stale_folders(folder.parent, label)
    except OSError:  # a cache that cannot be written costs start-up time, nothing else
        pass
    compiler = numba.njit(
        nogil=True,
        forceinline=True,
        fastmath=FAST_MATH,
        error_model="numpy",
        cache=os.access(folder, os.W_OK),
    )

    def kernel(function: Callable) -> Callable:
        before = numba.config.CACHE_DIR
        numba.config.CACHE_DIR = str(folder)  # read by numba while it decorates, and only then
        try:
            return compiler(function)
        finally:
            numba.config.CACHE_DIR = before

    return kernel


kernel = make_kernel(_ENGINE, "engine")
"""For the audio path: every function below `streamsep.engine` that runs as machine code."""

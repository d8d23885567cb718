"""The decorator `kernel`: numba without the GIL, cached under a name made from *all* engine sources.

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


def source_digest(folder: Path | None = None) -> str:
    """Hexadecimal digest of the engine's sources and of all that its machine code depends on.

    Args:
        folder: Where the sources are; None is `streamsep.engine`, which holds every kernel.
    """
    folder = Path(__file__).parents[1] if folder is None else folder
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    processor = f"{llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"
    for fact in (numba.__version__, sys.version, processor):
        digest.update(fact.encode() + b"\0")
    return digest.hexdigest()[:20]


def cache_folder() -> Path:
    """Folder of the machine code for exactly this state of the sources; not necessarily there yet."""
    root = os.environ.get("STREAMSEP_CACHE_DIR") or platformdirs.user_cache_dir("streamsep")
    return Path(root) / f"compiled-{source_digest()}"


def is_cached(kind: str) -> bool:
    """Whether machine code for models of this kind, from just these sources, is in the cache already."""
    return any(_FOLDER.rglob(f"{kind}.hop-*.nbi"))  # numba names its files module.function-line


def remove_stale_folders(root: Path, kept: int = KEPT_FOLDERS) -> None:
    """Delete all but the `kept` most recently used cache folders below `root`."""
    folders = sorted(root.glob("compiled-*"), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in folders[kept:]:
        shutil.rmtree(old, ignore_errors=True)


def _prepare() -> Path:
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.touch()
        remove_stale_folders(folder.parent)
    except OSError:  # a cache that cannot be written costs start-up time, nothing else
        pass
    return folder


_FOLDER = _prepare()


def kernel(function: Callable) -> Callable:
    """Compile a function for the audio path: nopython, no GIL, fast float32, cached as described above.

    `fastmath` leaves out the two flags that assume NaN and Inf never occur: the engine's input is
    sanitised, but a comparison with NaN must keep its meaning where tests feed it on purpose.

    `forceinline` makes a process that compiles compute the same bits as one that loads: else callees
    stand in the machine code of every caller once more, rounded in another order, and which of them
    is called depends on what the process compiled or loaded first (1e-7 of full scale, measured).
    """
    fast = {"reassoc", "contract", "arcp", "nsz", "afn"}
    decorate = numba.njit(
        nogil=True,
        forceinline=True,
        fastmath=fast,
        error_model="numpy",
        cache=os.access(_FOLDER, os.W_OK),
    )
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(_FOLDER)  # read by numba while it decorates, and only then
    try:
        return decorate(function)
    finally:
        numba.config.CACHE_DIR = before

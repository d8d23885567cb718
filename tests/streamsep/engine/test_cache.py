import os
import subprocess
import sys
from pathlib import Path

import streamsep.engine.compiled as package
from streamsep.engine.compiled.cache import remove_stale_folders, source_digest

_PROGRAM = """
import sys
sys.path.insert(0, {folder!r})
import sample_caller
print(sample_caller.twice_plus(3.0))
"""


def _run(folder: Path, cache: Path) -> float:
    """What the caller computes in a fresh process, as a user's second start would."""
    env = {**os.environ, "STREAMSEP_CACHE_DIR": str(cache)}
    code = _PROGRAM.format(folder=str(folder))
    return float(
        subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, check=True
        ).stdout
    )


def test_a_changed_callee_is_seen_by_its_caller(tmp_path):
    """numba's own cache misses this: the caller's file is unchanged, the callee's is not."""
    source = Path(package.__file__).parent
    (tmp_path / "code").mkdir()
    cache_module = (source / "cache.py").read_text()
    (tmp_path / "code" / "sample_cache.py").write_text(cache_module)
    callee = tmp_path / "code" / "sample_callee.py"
    callee.write_text("from sample_cache import kernel\n@kernel\ndef offset():\n    return 1.0\n")
    (tmp_path / "code" / "sample_caller.py").write_text(
        "from sample_cache import kernel\nfrom sample_callee import offset\n"
        "@kernel\ndef twice_plus(x):\n    return 2.0 * x + offset()\n"
    )
    cache = tmp_path / "cache"
    assert _run(tmp_path / "code", cache) == 7.0
    assert len(list(cache.glob("compiled-*"))) == 1
    stamp = callee.stat()
    callee.write_text("from sample_cache import kernel\n@kernel\ndef offset():\n    return 9.0\n")
    os.utime(
        callee, ns=(stamp.st_atime_ns, stamp.st_mtime_ns)
    )  # not even the time stamp betrays it
    assert _run(tmp_path / "code", cache) == 15.0
    assert len(list(cache.glob("compiled-*"))) == 2


_TWO_LEVELS = """
import numpy as np
from streamsep.engine.compiled.cache import kernel

@kernel
def long_callee(x):
    for k in range(1, 9):
        for i in range(x.size - k):
            x[i + k] += np.sin(x[i]) * np.exp(-x[i + k]) + np.sqrt(abs(x[i])) / (1.0 + x[i + k] ** k)

@kernel
def caller(x):
    long_callee(x[::2])
    long_callee(x[1::2])
    long_callee(x[::-2])

caller(np.ones(64, np.float32))
print(caller.inspect_llvm(caller.signatures[0]))
"""


def test_no_machine_code_is_shared_between_kernels(tmp_path):
    """Else the bits would depend on which kernel a process compiled or loaded first."""
    program = tmp_path / "two_levels.py"  # numba caches functions of files only
    program.write_text(_TWO_LEVELS)
    env = {**os.environ, "STREAMSEP_CACHE_DIR": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, program], env=env, capture_output=True, check=True, text=True
    )
    calls = [line for line in done.stdout.splitlines() if " call " in line]
    assert any("sin" in line for line in calls)  # such lines are seen
    assert not [line for line in calls if "long_callee" in line]


def test_digest_changes_with_any_file(tmp_path):
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "b.py").write_text("y = 1\n")
    first = source_digest(tmp_path)
    (tmp_path / "b.py").write_text("y = 2\n")
    assert source_digest(tmp_path) != first
    assert source_digest(tmp_path) == source_digest(tmp_path)


def test_stale_folders_are_removed_oldest_first(tmp_path):
    for k in range(6):
        folder = tmp_path / f"compiled-engine-{k}"
        folder.mkdir()
        os.utime(folder, (k, k))
    (tmp_path / "unrelated").mkdir()
    (tmp_path / "compiled-filters-0").mkdir()
    remove_stale_folders(tmp_path, "engine", kept=2)
    left = sorted(p.name for p in tmp_path.iterdir())
    assert left == ["compiled-engine-4", "compiled-engine-5", "compiled-filters-0", "unrelated"]

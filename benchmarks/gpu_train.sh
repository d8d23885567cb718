#!/usr/bin/env bash
# Train a recipe on a GPU machine without network, in calls of at most nine minutes that go on from one another.
#
#   python benchmarks/gpu_pack.py --samples DIR   first, where there is a network: makes the folder gpu-pack
#   benchmarks/gpu_train.sh                       one call; what comes of it is in benchmarks/results
#   OUT=folder benchmarks/gpu_train.sh            ... or there
#   DRY=1 benchmarks/gpu_train.sh                 tries every step on the processor, with tiny settings
#
# After a call copy OUT/state.tar.part-* and OUT/cache.tar.xz to gpu-pack/state, and call again; on the same
# machine, where WORK is still there, that is not needed. Every call leaves OUT/model.tar, the best model so far;
# the last call's is the one to ship. RECIPE=4stems-stage names a recipe of a cue model with lists of songs,
# CALLS=3 says for how many calls its steps are planned, SET="training.batch=32 model.n_hidden=512" changes it: all
# settled in the first call. Needs a Python (PYTHON=...) with torch, numba, numpy, scipy; the pack has the rest.
#
# What goes on exactly: steps, rates, weights, averages, and which examples of which songs. Songs and examples do not
# travel: they are made again from their seeds, bit by bit the same with the same versions and processor. Of the
# checkpoint the best weights stay behind (they are the model); each call keeps the best of its own checks.
#
# Exit code: 0 trained, 1 not, 2 without a card or a pack.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

ROOT=$PWD
DRY=${DRY:-}
OUT=${OUT:-$ROOT/benchmarks/results}
PACK=$(realpath -m "${PACK:-gpu-pack}")
WORK=${WORK:-${TMPDIR:-/tmp}/streamsep-gpu-train}
PYTHON=${PYTHON:-python3}
RECIPE=${RECIPE:-4stems-stage}
CALLS=${CALLS:-3}
JOBS=${JOBS:-$(($(nproc) > 1 ? $(nproc) - 1 : 1))}
LIMIT_S=${LIMIT_S:-$([[ -n $DRY ]] && echo 200 || echo 530)}
SAVING_S=40 # stopping, exporting and writing what comes back
PART_BYTES=15000000
STARTED=$SECONDS
mkdir -p "$OUT" "$WORK" || exit 1
LOG=$OUT/gpu-train.log
: > "$LOG"

say() { printf '%4d s  %s\n' $((SECONDS - STARTED)) "$*" | tee -a "$LOG"; }
left_s() { echo $((STARTED + LIMIT_S - SECONDS)); }
give_up() {
    say "$2"
    exit "$1"
}

say "streamsep trains $RECIPE, commit $(git rev-parse --short HEAD 2> /dev/null), $JOBS makers of examples"
[[ -f $PACK/pack.json ]] || give_up 2 "no pack in $PACK; make one with benchmarks/gpu_pack.py, or name it with PACK=..."
DEVICE=cuda
if [[ -n $DRY ]]; then
    DEVICE=cpu JOBS=1
    "$PYTHON" -c 'import torch' 2>> "$LOG" || give_up 2 "$PYTHON has no PyTorch; PYTHON=... says which to use"
elif ! "$PYTHON" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>> "$LOG"; then
    give_up 2 "$PYTHON finds no CUDA device; name another with PYTHON=..., or try DRY=1"
else
    nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>&1 | tee -a "$LOG"
fi

# --- Packages, programs, samples, and what an earlier call left -------------------------------------------------
# A copy with one date: the machine code of an earlier call is taken for that of these sources.
rm -rf "$WORK/code" "$WORK/lib" && mkdir -p "$WORK/code" "$WORK/lib" "$WORK/site" "$WORK/state"
cp -r streamsep offline benchmarks pyproject.toml "$WORK/code" || exit 1
find "$WORK/code" -name __pycache__ -prune -exec rm -rf {} +
find "$WORK/code" -name '*.py' -exec touch -d 2020-01-01 {} +
export PYTHONPATH="$WORK/code:$WORK/code/offline:$WORK/site" PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
export STREAMSEP_CACHE_DIR=$WORK/cache NUMBA_CACHE_DIR=$WORK/cache/numba OMP_NUM_THREADS=1

"$PYTHON" - "$PACK/wheels" "$WORK/site" pyproject.toml 2>&1 << 'END' | tee -a "$LOG"
import importlib.metadata
import pathlib
import subprocess
import sys

try:
    import tomllib
except ImportError:
    import tomli as tomllib

wheels, site, project = map(pathlib.Path, sys.argv[1:])
have = {one.metadata["Name"].lower().replace("-", "_") for one in importlib.metadata.distributions()}
missing = [path for path in sorted(wheels.iterdir()) if path.name.split("-")[0].lower() not in have]
pip = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--no-compile", "--no-build-isolation"]
if missing and subprocess.run([*pip, "--upgrade", "--target", site, *missing]).returncode:
    for path in missing:  # one does not fit, or does not build: the others are wanted all the same
        if subprocess.run([*pip, "--upgrade", "--target", site, path]).returncode:
            print("WITHOUT", path.name)
print("installed:", ", ".join(path.name.split("-")[0] for path in missing) or "nothing")
# The commands of this package, which is not installed here but lies on PYTHONPATH.
points = tomllib.loads(project.read_text())["project"]["entry-points"]["streamsep.commands"]
info = site / "streamsep-0.dist-info"
info.mkdir(exist_ok=True)
(info / "METADATA").write_text("Metadata-Version: 2.1\nName: streamsep\nVersion: 0\n")
lines = [f"{name} = {place}" for name, place in points.items() if "bridge" not in place]
(info / "entry_points.txt").write_text("\n".join(["[streamsep.commands]", *lines, ""]))
END

unpack() { [[ ! -f $1 ]] || "$PYTHON" -W ignore -m tarfile -e "$1" "$2" >> "$LOG" 2>&1; }
[[ -d $WORK/samples ]] || unpack "$PACK/samples.tar.xz" "$WORK/samples" || give_up 1 "the samples cannot be unpacked"
[[ -d $WORK/programs ]] || unpack "$PACK/programs.tar.xz" "$WORK/programs" || say "without the pack's programs"
for library in "$WORK"/programs/lib/*; do # the machine's own first
    PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2> /dev/null | grep -qF "$(basename "$library") " || ln -sf "$library" "$WORK/lib/"
done
chmod +x "$WORK"/programs/bin/* 2> /dev/null
if ! command -v espeak-ng > /dev/null; then
    export PATH=$PATH:$WORK/programs/bin ESPEAK_DATA_PATH=$WORK/programs
fi
export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$WORK/lib"
[[ -f $WORK/programs/FluidR3_GM.sf3 ]] && export STREAMSEP_SOUND_FONT=$WORK/programs/FluidR3_GM.sf3
if [[ ! -d $WORK/run ]] && compgen -G "$PACK/state/state.tar.part-*" > /dev/null; then
    cat "$PACK"/state/state.tar.part-* > "$WORK/state.tar"
    unpack "$WORK/state.tar" "$WORK" || give_up 1 "the parts of the state do not fit; copy all of one call to $PACK/state"
fi
[[ -d $WORK/cache ]] || unpack "$PACK/state/cache.tar.xz" "$WORK/cache" || say "machine code is compiled anew"

# --- What to train ---------------------------------------------------------------------------------------------
SETTINGS=(training.batch=64 training.check_every=200 training.save_minutes=2
    examples.shards=0 examples.recorded_shards=0 examples.shard_size=64 examples.select_size=64
    songs.cache_gb=5 songs.report.made=0 'songs.report.folders=[]' 'songs.select.excerpts_s=[[30, 30]]')
MEASURED=() FORCED=()
if [[ -n $DRY ]]; then
    SETTINGS+=(model.n_input=8 model.n_hidden=8 training.batch=2 training.check_every=4 data.seconds=2
        examples.shard_size=2 examples.select_size=2 songs.select.made=1)
    MEASURED=(--measured-steps 1 --measured-examples 1)
    FORCED=(songs.train.made=2 training.stages.0.steps=100000 examples.steps_per_shard=2)
fi
read -r -a CHANGES <<< "${SET:-}"
SETTINGS+=("${CHANGES[@]}")
as_options() { for one in "$@"; do printf -- '--set\n%s\n' "$one"; done; }
mapfile -t OPTIONS < <(as_options "${SETTINGS[@]}")
"$PYTHON" - 2>&1 << 'END' | tee -a "$LOG"
import os
import pathlib

from streamsep_offline.maker.missing import missing_parts
from streamsep_offline.maker.studio import Studio

for line in missing_parts(Studio(pathlib.Path(os.environ["STREAMSEP_CACHE_DIR"]).parent / "samples")):
    print("without", line)
END

if [[ ! -f $WORK/plan.json ]]; then
    say "measures"
    TRAINING_S=$((LIMIT_S > 300 ? LIMIT_S - 130 : LIMIT_S / 2)) # of a call, after its start
    timeout --kill-after=5 $(($(left_s) * 2 / 3)) "$PYTHON" benchmarks/gpu_plan.py "$RECIPE" --samples "$WORK/samples" \
        --device $DEVICE --jobs "$JOBS" --calls "$CALLS" --seconds $TRAINING_S -o "$WORK/plan.json" \
        "${MEASURED[@]}" "${OPTIONS[@]}" 2>&1 | tee -a "$LOG"
    [[ -f $WORK/plan.json ]] || give_up 1 "nothing could be measured"
fi

# --- Training --------------------------------------------------------------------------------------------------
SHARED_MB=$(df --output=avail -BM /dev/shm 2> /dev/null | tail -n 1 | tr -dc 0-9)
WORKERS=$(((${SHARED_MB:-0} > 8000 && JOBS > 4) ? 2 : 0)) # batches pass through shared memory
COMMON=(--data "$WORK/samples" --jobs "$JOBS" --workers $WORKERS --threads 2 --device $DEVICE)
if [[ -f $WORK/run/seed-1/checkpoint.pt ]]; then
    say "goes on"
    ORDER=(--resume "$WORK/run")
else
    say "begins"
    mapfile -t PLANNED < <("$PYTHON" -c '
import json, sys
for key, value in json.load(open(sys.argv[1]))["settings"].items():
    if "." in key:
        print(f"{key}={value}")' "$WORK/plan.json")
    mapfile -t MORE < <(as_options "${PLANNED[@]}" "${FORCED[@]}")
    ORDER=("$RECIPE" -o "$WORK/run" "${OPTIONS[@]}" "${MORE[@]}")
fi
TRAIN_S=$(($(left_s) - SAVING_S))
((TRAIN_S > 10)) || give_up 1 "no time is left to train; raise LIMIT_S=$LIMIT_S"
timeout --signal=INT --kill-after=10 $((TRAIN_S + 15)) "$PYTHON" -m streamsep_offline.commands.train_program train \
    "${ORDER[@]}" "${COMMON[@]}" --stop-after ${TRAIN_S}s 2>&1 | tee -a "$LOG"
say "stopped; writes what comes back"

# --- What comes back -------------------------------------------------------------------------------------------
rm -f "$OUT"/state.tar.part-* "$OUT/model.tar"
cp "$WORK/plan.json" "$OUT/gpu-train-plan.json"
[[ -f $WORK/run/seed-1/checkpoint.pt ]] || give_up 1 "no step was taken"
cp "$WORK/run/seed-1/log.csv" "$OUT/gpu-train-log.csv"
"$PYTHON" - "$WORK" << 'END' 2>&1 | tee -a "$LOG"
import math
import pathlib
import sys
import tarfile

import torch

work = pathlib.Path(sys.argv[1])
memory = torch.load(work / "run/seed-1/checkpoint.pt", weights_only=True, map_location="cpu")
# The best weights come back as a model; the next call keeps the best of its own.
torch.save(memory | {"best": {}, "best_loss": math.inf, "best_step": 0}, work / "travelling.pt")
names = ["plan.json", "run/run.json", "run/lists.json", "run/start", "run/seed-1/log.csv"]
with tarfile.open(work / "state.tar.xz", "w:xz") as file:
    file.add(work / "travelling.pt", "run/seed-1/checkpoint.pt")
    for name in names:
        if (work / name).exists():
            file.add(work / name, name)
print(f"state: step {memory['step']}, {(work / 'state.tar.xz').stat().st_size / 1e6:.1f} MB")
END
split -b $PART_BYTES "$WORK/state.tar.xz" "$OUT/state.tar.part-"
rm -rf "$WORK/model"
if "$PYTHON" -m streamsep_offline.commands.train_program export "$WORK/run" -o "$WORK/model" 2>&1 | tee -a "$LOG"; then
    tar -C "$WORK" -cf "$OUT/model.tar" model
else
    say "no model yet: the first check is still to come"
fi
if [[ ! -f $PACK/state/cache.tar.xz ]]; then # machine code only: voices and decoded files are large
    (cd "$WORK/cache" && tar -cJf "$OUT/cache.tar.xz" compiled-* numba 2>> "$LOG")
fi
say "done; in $OUT:"
ls -l "$OUT" | tee -a "$LOG"

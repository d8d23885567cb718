#!/usr/bin/env bash
# All that the graph engine has to show on a card, in one call of at most nine minutes, without network.
#
#   benchmarks/gpu.sh                       results in benchmarks/results
#   OUT=folder benchmarks/gpu.sh            ... or there
#   DRY=1 benchmarks/gpu.sh                 tries the script out on the processor, with tiny settings
#
# Needs a Python with numpy and a PyTorch that knows CUDA (PYTHON=... says which one), and safetensors for
# the shipped model; pytest, triton and onnxruntime-gpu are used where they are. Every part is a process of
# its own with a time limit, and writes each figure as it comes: what fails or takes too long costs only
# itself. Exit code: 0 where stems equal the reference on the card, 1 where not, 2 without a card.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

ROOT=$PWD
OUT=${OUT:-$ROOT/benchmarks/results}
PYTHON=${PYTHON:-python3}
DRY=${DRY:-}
ENDS=$((SECONDS + ${LIMIT_S:-530}))
export PYTHONPATH="$ROOT:$ROOT/tests${PYTHONPATH:+:$PYTHONPATH}"
export PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
export STREAMSEP_CACHE_DIR=${STREAMSEP_CACHE_DIR:-$(mktemp -d)}
mkdir -p "$OUT" || exit 1
LOG=$OUT/gpu.log
: > "$LOG"

say() { printf '%s\n' "$*" | tee -a "$LOG"; }

# At most so many seconds, and never past the end of the whole.
limited() {
    local most_s=$1 left_s=$((ENDS - SECONDS))
    shift
    ((left_s < most_s)) && most_s=$left_s
    if ((most_s < 5)); then
        say "left out, no time: $*"
        return 124
    fi
    timeout --kill-after=10 "$most_s" "$@" 2>&1 | tee -a "$LOG"
}

part() {
    local name=$1 most_s=$2
    shift 2
    say "== $name, at most $most_s s"
    limited "$most_s" "$PYTHON" -m streamsep.bench.gpu "$name" --json "$OUT/gpu-$name.json" "$@" \
        "${SIZE[@]}"
    local code=$?
    ((code == 0)) || say "== $name ended with $code (124: out of time)"
    return $code
}

say "streamsep on a card, $(date -u +%Y-%m-%dT%H:%MZ), commit $(git rev-parse --short HEAD 2> /dev/null)"
command -v nvidia-smi > /dev/null && nvidia-smi --query-gpu=name,driver_version,power.limit,clocks.max.sm \
    --format=csv,noheader | tee -a "$LOG"
SIZE=()
if [[ -n $DRY ]]; then
    SIZE=(--device cpu --hops 5 --hidden 8 --streams 2)
    if ! "$PYTHON" -c 'import numpy, torch' 2>> "$LOG"; then
        say "$PYTHON has no PyTorch; PYTHON=... says which Python to use"
        exit 2
    fi
elif ! "$PYTHON" -c 'import numpy, sys, torch; sys.exit(not torch.cuda.is_available())' 2>> "$LOG"; then
    say "$PYTHON finds no CUDA device; install numpy, an NVIDIA driver and a PyTorch with CUDA (PYTHON=..."
    say "says which Python), or try DRY=1"
    exit 2
fi

part equal 60
EQUAL=$?
if "$PYTHON" -c 'import pytest, numba, safetensors, soundfile' 2> /dev/null && [[ -z $DRY ]]; then
    say "== tests, at most 90 s"
    limited 90 "$PYTHON" -m pytest -q -p no:cacheprovider tests/streamsep/engine/graph -k "cuda"
    TESTS=$?
    ((TESTS == 0)) || say "== tests ended with $TESTS"
else
    say "== tests left out (no pytest here, or a dry run)"
fi
part hops 110
part peers 100
part streams 130
part fused 150
say "results in $OUT"
exit $((EQUAL != 0))

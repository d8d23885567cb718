#!/usr/bin/env bash
# The whole path from samples to the models that ship: songs, examples, training, scores on the select list, export.
#
#   offline/recipes/train_all.sh SAMPLES [RUNS]               all of them, in RUNS (runs); again, and it goes on
#   offline/recipes/train_all.sh --only 4stems-stage SAMPLES  one of them; the option may come again
#   offline/recipes/train_all.sh --list                       their names
#   DRY=1 offline/recipes/train_all.sh SAMPLES [RUNS]         all steps with next to nothing, in minutes
#
# SAMPLES is the folder that docs/maker.md describes. Of each recipe come
#   RUNS/NAME/                 the run: run.json, lists.json (hashes of all songs), curves, checkpoint
#   RUNS/NAME/scores-select.md what closes how much of the way, beside `classic`
#   RUNS/models/NAME/          the model folder: streamsep stream SONG --model RUNS/models/NAME
# and RUNS/made-4stems, made-5stems: the made songs, which recipes share. Ctrl-C or STOP_AFTER=2h (of each recipe's
# training) stops; the same command goes on. JOBS=2 processes render and analyse, THREADS=0 is torch's choice.
set -euo pipefail

# Hours on two cores with nothing else to do, rendering (0.25 h for the first) and scoring (0.1 h) included.
NAMES=(4stems-stage 4stems-stage-further 5stems-stage 4stems-studio 4stems-offline umx-causal-stage)
declare -A HOURS=([4stems-stage]=1.3 [4stems-stage-further]=1.2 [5stems-stage]=0.6 [4stems-studio]=0.5 [4stems-offline]=0.9 [umx-causal-stage]=0.9)

RECIPES=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PYTHON=${PYTHON:-python3}
JOBS=${JOBS:-2}
THREADS=${THREADS:-0}
DRY=${DRY:-}
ONLY=()

usage() { sed -n '2,/^set /{s/^# \{0,1\}//;/^set /d;p}' "${BASH_SOURCE[0]}"; }
fail() {
    echo "train_all.sh: $*" >&2
    exit 2
}
streamsep() { "$PYTHON" -m streamsep_offline.commands.train_program "$@"; }

while [[ ${1:-} == -* ]]; do
    case $1 in
        --only)
            [[ -f $RECIPES/${2:-}.toml ]] || fail "--only ${2:-}: there is no such recipe; --list tells them"
            ONLY+=("$2")
            shift 2
            ;;
        --list)
            for name in "${NAMES[@]}"; do
                [[ -f $RECIPES/$name.toml ]] && echo "$name	${HOURS[$name]:-?} hours on 2 cores"
            done
            exit 0
            ;;
        -h | --help)
            usage
            exit 0
            ;;
        *) fail "unknown option $1; see --help" ;;
    esac
done
[[ $# -ge 1 && $# -le 2 ]] || { usage >&2 && exit 2; }
[[ -d $1 ]] || fail "$1 is no folder; name the samples that docs/maker.md describes"
SAMPLES=$(cd "$1" && pwd)
RUNS=${2:-runs}
mkdir -p "$RUNS/models"
RUNS=$(cd "$RUNS" && pwd)
((${#ONLY[@]})) || ONLY=("${NAMES[@]}")

SET=()
if [[ -n $DRY ]]; then
    for change in songs.train.made=2 songs.select.made=1 'songs.select.excerpts_s=[[60, 5]]' songs.cache_gb=0 \
        data.seconds=2 examples.shards=1 examples.recorded_shards=1 examples.shard_size=2 examples.select_size=2 \
        training.batch=2 training.check_every=2 training.stages.0.steps=4; do
        SET+=(--set "$change")
    done
fi

for name in "${ONLY[@]}"; do
    [[ -f $RECIPES/$name.toml ]] || continue # not in this version
    run=$RUNS/$name
    if [[ -f $RUNS/models/$name/model.json || -f $RUNS/models/$name/config.json ]]; then
        echo "== $name is there: $RUNS/models/$name"
        continue
    fi
    echo "== $name, some ${HOURS[$name]:-unmeasured} hours on 2 cores, from $(date +%H:%M)"
    if [[ ! -f $run/scores-select.md ]]; then
        songs=$RUNS/made-$([[ $name == 5stems* ]] && echo 5stems || echo 4stems)
        mkdir -p "$songs" "$run"
        [[ -e $run/made ]] || ln -s "$songs" "$run/made"
        # What is rendered, analysed and learned already is left alone.
        streamsep train "$name" --data "$SAMPLES" -o "$run" --jobs "$JOBS" --threads "$THREADS" \
            ${STOP_AFTER:+--stop-after "$STOP_AFTER"} "${SET[@]}"
    fi
    streamsep export "$run" -o "$RUNS/models/$name" --name "$name" --force
    cat "$run/scores-select.md"
done
echo "== all models are in $RUNS/models"

"""`streamsep export`: the best weights of a run as a model that streams, or separates files."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from streamsep.commands import Command


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command; imports nothing heavy."""
    parser.add_argument("run", type=Path, metavar="RUN", help="folder that 'streamsep train' wrote")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="DIR", help="model folder to write"
    )
    parser.add_argument("--name", help="of the model, on its card (the recipe's)")
    parser.add_argument(
        "--licence", default="unknown", help="of the weights, on the card (unknown)"
    )
    parser.add_argument(
        "--scores", type=Path, metavar="JSON", help="of 'streamsep evaluate --json', for the card"
    )
    parser.add_argument(
        "--blend",
        type=float,
        metavar="A",
        help="(1 - A) of the weights that the run began from, A of the trained (1)",
    )
    parser.add_argument(
        "--half", action="store_true", help="store weights in half of the space, as float16"
    )
    parser.add_argument(
        "--onnx", type=Path, metavar="FILE", help="write a stateful ONNX step for other hosts, too"
    )
    parser.add_argument("--force", action="store_true", help="replace a model that is there")


def run(args: argparse.Namespace) -> int:
    """Export; says what can be done with it.

    Raises:
        CheckpointError: There is no run, or nothing to export yet.
        ParameterError: The folder is taken, or the scores cannot be read.
    """
    from streamsep.commands.console import make_console
    from streamsep.errors import ParameterError
    from streamsep.model import load_model, save_model
    from streamsep_offline.training.card import make_card
    from streamsep_offline.training.run import best_task, read_run
    from streamsep_offline.training.start import blend_with_start
    from streamsep_offline.training.tasks.open_unmix import OpenUnmixDesign

    console = make_console(False, to_stderr=True)
    if args.output.exists() and not args.output.is_dir():
        raise ParameterError(f"-o {args.output} is a file; name a folder for the model")
    if args.output.exists() and any(args.output.iterdir()) and not args.force:
        raise ParameterError(f"{args.output} is not empty; name another folder, or use --force")
    trained = read_run(args.run)
    task, seed, memory = best_task(trained)
    card = make_card(trained, seed, memory, args.licence, _read_scores(args.scores))
    if args.blend is not None:
        blend_with_start(trained, task, seed, args.blend)
        card["blend"] = args.blend
    if args.name:
        card["name"] = args.name
    is_offline = trained.recipe.model.bidirectional
    if is_offline and args.onnx is not None:
        raise ParameterError(
            "--onnx is a step of a stream; this model hears the future, leave it out"
        )
    if args.half and is_offline and isinstance(trained.recipe.model, OpenUnmixDesign):
        raise ParameterError("--half is for model folders of ours, not Open-Unmix's; leave it out")
    task.export(args.output, card)
    if args.half:
        save_model(load_model(args.output), args.output, is_half=True)
    console.print(
        f"{card['name']}: {', '.join(card['stems'])}; {card['weights']} weights of step "
        f"{card['best_step']}, select loss {card['select_loss']:.4f}"
    )
    if args.onnx is not None:
        from streamsep_offline.export.onnx_step import export_onnx

        export_onnx(load_model(args.output), args.onnx, trained.spec.sample_rate)
        console.print(f"ONNX step: {args.onnx}")
    then = "separate song.wav --model" if is_offline else "stream song.wav --preset"
    console.print(f"now: streamsep {then} {args.output}")
    return 0


def _read_scores(path: Path | None) -> dict[str, Any] | None:
    from streamsep.errors import ParameterError

    if path is None:
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ParameterError(f"--scores {path} is not readable JSON ({error})") from error


command = Command(
    name="export",
    help="make a model of what was trained",
    example="streamsep export runs/tiny -o my-model --licence CC0-1.0",
    add_arguments=add_arguments,
    run=run,
)

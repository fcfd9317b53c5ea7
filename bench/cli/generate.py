"""Make one video of a prompt with the reference cascade or another model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from bench.errors import EXIT_INCOMPLETE, EXIT_OK, UsageError

MAX_PROMPT = 10_000


@click.command()
@click.argument("prompt")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="An .mp4 file."
)
@click.option(
    "--model", default="cascade", show_default=True, help="Model, as prescreen run has it."
)
@click.option("--preset", help="Of the cascade. [default: imagen-video]")
@click.option("--stage", help="Last stage of the cascade to run, base to full. [default: base]")
@click.option("--steps", type=int, help="Of the cascade's base. [default: what it was made for]")
@click.option("--guidance", type=float, help="Of the cascade's base, 0 for none.")
@click.option("--variant", help="Of the cascade: student (distilled) or teacher.")
@click.option(
    "--image",
    type=click.Path(path_type=Path),
    help="First frame to go on from; takes the preset make-a-video. PROMPT may then be empty.",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0, max=2**63 - 1))
@click.option("--preview", is_flag=True, help="Write 4:2:0 video that every player shows.")
@click.option("--json", "as_json", is_flag=True, help="Print what was made as JSON.")
def command(
    prompt: str,
    output: Path,
    model: str,
    image: Path | None,
    seed: int,
    preview: bool,
    as_json: bool,
    **options: Any,
) -> int:
    """Make a video of PROMPT and write it without loss.

    The same prompt, model and seed give the same bytes. Exit code 0: written; 4: the model's filter
    held the video back, or it gave none; 3: the model cannot be had; 64: the command is wrong.
    """
    if output.suffix != ".mp4":
        raise UsageError("the output must be a video", seen=output, legal="FILE.mp4")
    if (not prompt.strip() and image is None) or len(prompt) > MAX_PROMPT:
        raise UsageError(
            "the prompt is empty or too long",
            seen=f"{len(prompt)} characters",
            legal=f"1 to {MAX_PROMPT}",
        )
    from bench.config import with_options
    from bench.single import make_one

    if image is not None:
        options["image"] = image
        if model == "cascade" and options["preset"] is None:
            options["preset"] = "make-a-video"
    spec = with_options(model, {k: v for k, v in options.items() if v is not None})
    made = make_one(spec, prompt, seed, output, preview=preview, say=_say(as_json))
    if as_json:
        click.echo(json.dumps(made, indent=2, ensure_ascii=False))
    elif made["outcome"] == "ok":
        size = f"{made['n_frames']} frames of {made['width_px']}x{made['height_px']}"
        click.echo(f"{output}: {size} at {made['fps']:g} a second, seed {seed}")
    else:
        click.echo(f"prescreen: {made['outcome']}: {made['reason']}", err=True)
    return EXIT_OK if made["outcome"] == "ok" else EXIT_INCOMPLETE


def _say(as_json: bool) -> Any:
    return lambda line: None if as_json else click.echo(line, err=True)

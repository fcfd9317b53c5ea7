"""The entry point: finds commands by listing the folder, imports the one that is called.

Whatever Prescreen raises on purpose ends in one line on standard error and the exit code of its
branch of the error tree; usage errors exit 64. A traceback is a bug of Prescreen.
"""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

import click

import bench
from bench import registry
from bench.errors import EXIT_COULD_NOT_RUN, EXIT_USAGE, PrescreenError, printable

EXIT_INTERRUPTED = 130
EXIT_CLOSED_PIPE = 141
"""What shells report of a program that SIGINT or SIGPIPE ended."""

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class _Commands(click.Group):
    """A group whose commands are the files of `bench/cli`, imported only when called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return registry.names("command")

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in registry.names("command"):
            raise registry.unknown("command", cmd_name)
        command: click.Command = registry.load("command", cmd_name).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with the first line of their files, importing none."""
        rows = [(name, registry.summary("command", name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "PRESCREEN"},
)
@click.version_option(bench.__version__, prog_name="prescreen")
def group() -> None:
    """Prescreen: measure a text-to-video model before it is released.

    Start with: prescreen score VIDEOS --reference REAL
    """


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with the code that `bench.errors` documents."""
    # one thread a process: numbers must not depend on how many cores a machine has
    for name in _ONE_THREAD:
        os.environ.setdefault(name, "1")
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    try:
        outcome: Any = group.main(args=arguments, prog_name="prescreen", standalone_mode=False)
    except PrescreenError as error:
        return _complain(str(error), error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return EXIT_USAGE
    except click.UsageError as error:
        hint = f"; next: {error.ctx.command_path} --help" if error.ctx else ""
        return _complain(printable(error.format_message().rstrip("."), 400) + hint, EXIT_USAGE)
    except click.ClickException as error:
        return _complain(printable(error.format_message(), 400), EXIT_USAGE)
    except (click.Abort, KeyboardInterrupt):
        line = "interrupted; the same command goes on where it stopped"
        return _complain(line, EXIT_INTERRUPTED)
    except OSError as error:
        where = f"{printable(error.filename, 400)}: " if error.filename else ""
        return _complain(f"{where}{error.strerror or printable(error, 400)}", EXIT_COULD_NOT_RUN)
    except SystemExit:
        # click's way to say that the reader of our output went away (`prescreen ls | head -1`);
        # not 0, because a verdict that nobody could read must not pass for one that is good
        return EXIT_CLOSED_PIPE
    return outcome if isinstance(outcome, int) else 0


def _complain(line: str, code: int) -> int:
    click.echo(f"prescreen: {line}", err=True)
    return code

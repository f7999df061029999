"""The command line: `fpt-calc derive`, `simulate`, `check`, `verify` and `fit` (floor 15).

Exit status 0; 2 for bad input, with one line on standard error; 1 where a computation failed.  Heavy libraries are
imported by the commands that need them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar

import click

T = TypeVar("T")

_FILE = click.argument("file", type=click.Path(path_type=Path))
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


class _Group(click.Group):
    """Usage errors in one line, like all bad input."""

    def main(self, *args: object, **kwargs: object) -> NoReturn:
        try:
            status = super().main(*args, standalone_mode=False, **kwargs)  # type: ignore[call-overload]  # passes on what click gives
        except click.exceptions.Abort:
            sys.exit(130)
        except click.UsageError as error:
            command = error.ctx.command_path if error.ctx is not None else "fpt-calc"
            _stop(f"{error.format_message().rstrip('.')}; see {command} --help", 2)
        sys.exit(status if isinstance(status, int) else 0)


@click.group(cls=_Group, no_args_is_help=False, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fpt-calc")
def main() -> None:
    """Large-dimension limits of expressions in random matrices."""


@main.command()
@_FILE
@click.option("--target", help="Only this target.")
@click.option(
    "--digits", type=click.IntRange(1, 1000), default=15, show_default=True, help="Significant digits asked for."
)
@_JSON
@click.option("--latex", "latex_path", type=click.Path(path_type=Path, dir_okay=False), help="Write a LaTeX document.")
@click.option(
    "--latex-part",
    "part",
    type=click.Choice(["document", "statement", "proof", "macros"]),
    default="document",
    show_default=True,
    help="What --latex writes: a document, or a part to paste into one.",
)
@click.option("--code", "code_path", type=click.Path(path_type=Path, dir_okay=False), help="Write a NumPy function.")
@click.option("--plot", "plot_path", type=click.Path(path_type=Path, dir_okay=False), help="Draw the targets.")
@click.option(
    "--certificate",
    "certificate_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a certificate, which `fpt-calc verify` checks.",
)
@click.option("--over", help="What varies in the picture.  [default: lam, or the first scalar]")
@click.option("--simulate", "trials", type=click.IntRange(2), help="Draws for the points in the picture.")
def derive(
    file: Path,
    target: str | None,
    digits: int,
    as_json: bool,
    latex_path: Path | None,
    part: str,
    code_path: Path | None,
    plot_path: Path | None,
    certificate_path: Path | None,
    over: str | None,
    trials: int | None,
) -> None:
    """Derive the limiting law of the targets in FILE (a problem file, or a file of derivations/)."""
    from fpt_calc.cli.output import Outputs, Plot
    from fpt_calc.cli.sources import is_pipeline_file, is_scaling_file

    if plot_path is None and (over is not None or trials is not None):
        raise click.UsageError("--over and --simulate need --plot")
    plot = None if plot_path is None else Plot(plot_path, over, trials or 0)
    outputs = Outputs(latex_path, part, code_path, plot, certificate_path)

    def work() -> str:
        if is_pipeline_file(file):
            from fpt_calc.cli.pipelines import run_derive

            return run_derive(file, target, digits, as_json, outputs)
        if is_scaling_file(file):
            from fpt_calc.cli.scaling import run_derive as run_scaling

            return run_scaling(file, target, as_json, outputs)
        from fpt_calc.cli.derive import run

        return run(file, target, digits, as_json, outputs)

    _guarded(work)


@main.command()
@_FILE
@click.option("--trials", type=click.IntRange(2), default=100, show_default=True, help="Number of draws.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option(
    "--ensemble",
    type=click.Choice(["model", "limit"]),
    default="model",
    show_default=True,
    help="The model as declared, or its complex twin, which is nearer to the limit.",
)
@_JSON
def simulate(file: Path, trials: int, seed: int, ensemble: str, as_json: bool) -> None:
    """Estimate the targets in FILE by Monte Carlo at its [at] values."""
    from fpt_calc.cli.sources import is_pipeline_file

    def work() -> str:
        if is_pipeline_file(file):
            from fpt_calc.cli.pipelines import run_simulate

            return run_simulate(file, trials, seed, ensemble, as_json)
        from fpt_calc.cli.simulate import run

        return run(file, trials, seed, ensemble, as_json)

    _guarded(work)


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
@_JSON
def check(path: Path, as_json: bool) -> None:
    """Prove, certify or refute the claims in PATH: a claim file, a file of derivations/, or a folder of them."""
    from fpt_calc.cli.check import run

    sys.exit(_guarded(lambda: run(path, as_json)))


@main.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--value", help='What is scaled: "error", "bias", "variance" or "source.NAME".  [default: error]')
@click.option("--latex", "latex_path", type=click.Path(path_type=Path, dir_okay=False), help="Write a LaTeX document.")
@click.option("--plot", "plot_path", type=click.Path(path_type=Path, dir_okay=False), help="Draw the regimes.")
@click.option("--beta", help="Instead of FILE: the decay of the spectrum, lambda_k = k^-beta.")
@click.option("--r", help="With --beta: the source condition, lambda_k w_k^2 = k^-(1 + 2 beta r).")
@click.option("--synthetic", help="With --beta: the share of synthetic data.")
@_JSON
def scale(
    file: Path | None,
    value: str | None,
    latex_path: Path | None,
    plot_path: Path | None,
    beta: str | None,
    r: str | None,
    synthetic: str | None,
    as_json: bool,
) -> None:
    """How the error of a pipeline in FILE scales: exponents, constants, regimes, and the best ridge.

    Without FILE, --beta and --synthetic ask what the curve of a ridge regression does, and how to regularize it.
    """
    if (file is None) == (beta is None):
        raise click.UsageError("give a pipeline file, or --beta")
    if file is None and (value or latex_path or plot_path):
        raise click.UsageError("--value, --latex and --plot need a file")
    if file is not None and (r or synthetic):
        raise click.UsageError("--r and --synthetic need --beta")

    def work() -> str | tuple[str, int]:
        if beta is not None:
            from fpt_calc.cli.scale_question import run as answer

            return answer(beta, r, synthetic, as_json)
        from fpt_calc.cli.scale import run

        assert file is not None, "a file or --beta"
        return run(file, value, as_json, latex_path, plot_path)

    sys.exit(_guarded(work))


@main.command()
@click.argument("certificate", type=click.Path(path_type=Path))
@_JSON
def verify(certificate: Path, as_json: bool) -> None:
    """Check a CERTIFICATE with code of its own, one line for each statement; exit status 1 if one is refused."""
    from fpt_calc.cli.verify import run

    sys.exit(_guarded(lambda: run(certificate, as_json)))


@main.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--beta", help="The exponent of the eigenvalues k^-beta, or of Zipf's law.")
@click.option("--r", help="The source exponent: lambda_k w_k^2 ~ k^-(1 + 2 beta r).")
@click.option(
    "--spectrum",
    type=click.Path(path_type=Path),
    help="A CSV file with columns index, eigenvalue and optionally coefficient, for beta and r.",
)
@_JSON
def fit(data: Path, beta: str | None, r: str | None, spectrum: Path | None, as_json: bool) -> None:
    """Fit a scaling law to the curve in DATA, a CSV file.

    Columns: size, loss; optionally share (of synthetic data), generation, standard_error.
    """
    from fpt_calc.cli.fit import run

    _guarded(lambda: run(data, as_json, beta, r, spectrum))


def _guarded(work: Callable[[], str | tuple[str, int]]) -> int:
    """Print what ``work`` returns and give its exit status; errors become one line and the status of the contract."""
    from fpt_calc.errors import FptError, InputError

    status = 0
    try:
        result = work()
        text, status = result if isinstance(result, tuple) else (result, 0)
    except InputError as error:
        _stop(str(error), 2)
    except FptError as error:
        _stop(str(error), 1)
    except OSError as error:
        _stop(str(error), 2)
    except Exception as error:  # the contract forbids tracebacks; FPT_CALC_DEBUG shows them to developers
        if "FPT_CALC_DEBUG" in os.environ:
            raise
        _stop(f"internal error ({type(error).__name__}: {error}); please report the problem file", 1)
    try:
        click.echo(text)
    except BrokenPipeError:  # the reader has seen enough: not an error of ours
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return status


def _stop(message: str, status: int) -> NoReturn:
    click.echo(" ".join(f"fpt-calc: {message}".split()), err=True)
    sys.exit(status)

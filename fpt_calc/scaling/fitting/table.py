"""Tables as users have them: CSV files with a header, separated by commas, semicolons, tabs or spaces."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from fpt_calc.errors import InputError

CURVE_COLUMNS: Mapping[str, Sequence[str]] = {
    "size": ("size", "sizes", "n", "t", "samples", "n_samples", "num_samples", "sample_size", "data", "dataset_size"),
    "loss": ("loss", "losses", "error", "risk", "mse", "test_loss", "test_error", "test_risk", "excess_risk"),
    "share": ("share", "shares", "p2", "synthetic", "synthetic_share", "share_synthetic", "synthetic_fraction"),
    "generation": ("generation", "generations", "gen"),
    "standard_error": ("standard_error", "se", "sem", "stderr", "std_error", "std_err", "error_bar"),
}
SPECTRUM_COLUMNS: Mapping[str, Sequence[str]] = {
    "index": ("index", "k", "i", "j", "rank"),
    "eigenvalue": ("eigenvalue", "eigenvalues", "lambda", "lam"),
    "coefficient": ("coefficient", "coefficients", "coef", "w"),
}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?", re.ASCII)

Table = dict[str, tuple[float, ...]]


def read_table(path: Path, columns: Mapping[str, Sequence[str]], required: Sequence[str]) -> Table:
    """The columns of a file by their meaning.

    Parameters
    ----------
    path : a text file; blank lines and lines that begin with ``#`` are left out, though a header may begin so.
    columns : what the columns mean, with the spellings that are accepted, in lower case.
    required : the columns that have to be there.

    Raises `InputError` for whatever is not such a table; rows are counted from 1, the header left out.
    """
    lines = _lines(path)
    header, separator = _header(lines[0])
    names = [_meaning(cell, columns) for cell in header]
    for place, name in enumerate(names):
        if name in names[:place]:
            first = header[names.index(name)]
            both = f"'{first}' and '{header[place]}' both mean {name}" if first != header[place] else f"'{first}' twice"
            raise InputError(f"duplicate columns: {both}", where="header", remedy="remove or rename one")
    for name in required:
        if name not in names:
            raise InputError(f"no column {name}", where="header", remedy=f"name it {_spellings({name: columns[name]})}")
    body = [line for line in lines[1:] if not line.startswith("#")]
    if not body:
        raise InputError("a header without rows", remedy="add rows of numbers")
    rows = [_row(line, separator, names, k) for k, line in enumerate(body, 1)]
    return {name: tuple(row[place] for row in rows) for place, name in enumerate(names)}


def _lines(path: Path) -> list[str]:
    """The lines that say something; raises `InputError` where there is no text."""
    if not path.exists():
        raise InputError("no such file", remedy="check the path")
    if path.is_dir():
        raise InputError("this is a folder", remedy="give a CSV file")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("this is no text in UTF-8", remedy="export the table as CSV in UTF-8") from None
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", remedy="check the permissions") from None
    if "\0" in text:
        raise InputError("this is no text", remedy="export the table as CSV in UTF-8")
    lines = [line.strip(" \r") for line in text.splitlines() if line.strip()]
    if not lines:
        raise InputError("the file is empty", remedy="give a header such as size,loss and rows of numbers")
    return lines


def _header(line: str) -> tuple[list[str], str]:
    """The names of the columns and the separator; raises `InputError` where the first line is none."""
    line = line.removeprefix("#").strip()
    separator = next((s for s in (";", "\t", ",") if s in line), " ")
    cells = _cells(line, separator)
    if all(_NUMBER.fullmatch(c) or _DECIMAL_COMMA.fullmatch(c) for c in cells):
        raise InputError("no header: the first line has numbers", remedy="add a first line such as size,loss")
    return cells, separator


def _cells(line: str, separator: str) -> list[str]:
    if separator == " ":
        return line.split()
    return [cell.strip() for cell in next(csv.reader([line], delimiter=separator, skipinitialspace=True))]


def _meaning(cell: str, columns: Mapping[str, Sequence[str]]) -> str:
    spelled = re.sub(r"[\s-]+", "_", cell.lower())
    for name, spellings in columns.items():
        if spelled in spellings:
            return name
    raise InputError(f"unknown column '{cell[:40]}'", where="header", remedy=f"columns are {_spellings(columns)}")


def _spellings(columns: Mapping[str, Sequence[str]]) -> str:
    return "; ".join(
        name + (f" (or {', '.join(s for s in spellings if s != name)})" if len(spellings) > 1 else "")
        for name, spellings in columns.items()
    )


def _row(line: str, separator: str, names: Sequence[str], number: int) -> list[float]:
    cells = _cells(line, separator)
    if len(cells) != len(names):
        commas = separator == "," and len(cells) > len(names)
        raise InputError(
            f"{len(cells)} cells for {len(names)} columns",
            where=f"row {number}",
            remedy="write decimals with a point (0.5), not with a comma" if commas else "fill or remove the row",
        )
    return [_number(cell, name, number) for cell, name in zip(cells, names, strict=True)]


def _number(cell: str, name: str, row: int) -> float:
    where = f"{name}, row {row}"
    if _NUMBER.fullmatch(cell):
        return float(cell)
    if not cell:
        raise InputError("an empty cell", where=where, remedy="fill or remove the row")
    if _DECIMAL_COMMA.fullmatch(cell):
        point = cell.replace(",", ".")
        raise InputError(f"'{cell[:40]}' has a comma", where=where, remedy=f"write decimals with a point: {point[:40]}")
    if cell.endswith("%") and _NUMBER.fullmatch(cell[:-1]):
        raise InputError(f"'{cell[:40]}' is a percentage", where=where, remedy="divide by 100 and remove the sign")
    if cell.lower().lstrip("+-") in ("nan", "inf", "infinity", "na", "n/a", "null", "none"):
        raise InputError(f"'{cell}' is not a finite number", where=where, remedy="remove the row")
    raise InputError(f"'{cell[:40]}' is not a number", where=where, remedy="write numbers as 1000, 0.5 or 1e-3")

"""The table [at]: numbers for dimensions and scalars, spectra and arrays for deterministic matrices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fpt_calc.errors import InputError
from fpt_calc.expr import Atom
from fpt_calc.problem.declarations import Declarations
from fpt_calc.problem.located import hint, located, shorten
from fpt_calc.problem.numbers import read_number, read_real
from fpt_calc.problem.tables import Table, check_keys

if TYPE_CHECKING:  # numpy takes its time to import, and most problems are read without [at]
    from fpt_calc.point import MatrixData, Number, NumericModel, Point
    from fpt_calc.point.arrays import Array

LARGEST_SPECTRUM = 10_000_000
_FORMS: Mapping[str, tuple[str, ...]] = {
    "power_law": ("scale",),
    "eigenvalues": ("weights",),
    "identity": (),
    "matrix": (),
}
_WRITE = 'write { identity = 1 }, { power_law = 1.5 }, { eigenvalues = [...] } or { matrix = "file.npy" }'


def read_point(
    entries: Table, declarations: Declarations, commute: tuple[tuple[str, ...], ...], folder: Path | None
) -> Point:
    """The values of [at]; every declared dimension, scalar and deterministic matrix needs one.

    ``folder``: where relative paths of arrays start.

    Raises `InputError` naming the key for unknown names, missing or malformed values, unreadable arrays.
    """
    from fpt_calc.point import Point

    _check_names(entries, declarations)
    dims: dict[str, int] = {}
    scalars: dict[str, Number] = {}
    matrices: dict[str, MatrixData] = {}
    for name, value in entries.items():
        with located(f"at.{name}"):
            if name in declarations.dims:
                dims[name] = _dimension(value)
            elif name in declarations.scalars:
                scalars[name] = read_number(value)
            else:
                matrices[name] = _matrix(value, folder)
    return Point(dims, scalars, matrices, commute)


def complex_matrices(point: Point) -> frozenset[str]:
    """The names of the matrices whose numbers are complex."""
    return frozenset(name for name, data in point.matrices.items() if _is_complex(data))


def check_point(point: Point, parameters: Iterable[Any], atoms: Mapping[str, Atom]) -> None:
    """Compare the values with what was declared: kinds, facts, commute, shapes, variances.

    ``parameters``: the declared `fpt_calc.scalars.Parameter`.

    Raises `InputError` naming the first value that contradicts a declaration.
    """
    import numpy as np

    from fpt_calc.point import NumericModel, check_kind

    model = NumericModel(point)
    for parameter in parameters:
        check_kind(parameter, point.scalars[parameter.name])
    try:
        with np.errstate(all="ignore"):  # what is not finite is refused below, not warned about
            for atom in atoms.values():
                _check_shape(model, atom)
            model.check(atoms.values())
            for atom in atoms.values():
                check_law(model, atom)
    except (ZeroDivisionError, OverflowError, MemoryError, np.linalg.LinAlgError) as error:
        what = f"these values cannot be computed with ({type(error).__name__}: {error})"
        raise InputError(what, where="at", remedy="change the values") from None


def _check_names(entries: Table, declarations: Declarations) -> None:
    tables = declarations.tables()
    random = {name: matrix.law for name, matrix in declarations.matrices.items() if matrix.law is not None}
    free = [name for name, key in tables.items() if key in ("dims", "scalars", "matrices") and name not in random]
    for name in entries:
        where = f"at.{shorten(str(name), 60)}"
        if name in random:
            what = f"a value for {name}, which is random (law = {random[name]!r})"
            raise InputError(what, where=where, remedy="remove the value or the law")
        if name in tables and name not in free:
            what = f"a value for {name}, which is defined by its formula under [{tables[name]}]"
            raise InputError(what, where=where, remedy="give values to the names in the formula")
        if name not in free:
            raise InputError("unknown name", where=where, remedy=hint(str(name), free, "declare it or remove it"))
    missing = [name for name in free if name not in entries]
    if missing:
        names = shorten(", ".join(missing), 100)
        raise InputError(f"no value for {names}", where="at", remedy=f"add {missing[0]} = ..., or remove [at]")


def _dimension(value: object) -> int:
    try:
        number = read_real(value)
    except InputError:
        number = None
    if number is None or number.denominator != 1 or number <= 0:
        text = shorten(str(value), 60)
        raise InputError(f"the dimension {text} is not a positive integer", remedy="give a positive integer")
    return int(number)


def _matrix(value: object, folder: Path | None) -> MatrixData:
    from fpt_calc.point import Dense, Eigenvalues, Multiple, PowerLaw

    if not isinstance(value, Mapping):
        raise InputError(f"{shorten(repr(value), 60)} is not the value of a matrix", remedy=_WRITE)
    allowed = (*_FORMS, *(option for options in _FORMS.values() for option in options))
    check_keys(value, allowed)
    forms = [key for key in value if key in _FORMS]
    if len(forms) != 1:
        what = "no value" if not forms else f"two values at once, {' and '.join(forms)}"
        raise InputError(what, remedy=_WRITE)
    form = forms[0]
    check_keys(value, (form, *_FORMS[form]))
    match form:
        case "power_law":
            return PowerLaw(read_real(value["power_law"]), read_real(value.get("scale", 1)))
        case "eigenvalues":
            weights = tuple(read_real(w) for w in _list(value["weights"])) if "weights" in value else None
            return Eigenvalues(tuple(read_number(v) for v in _list(value["eigenvalues"])), weights)
        case "identity":
            return Multiple(read_number(value["identity"]))
    array = value["matrix"]
    return Dense(_file(array, folder) if isinstance(array, str) else _inline(array))


def _list(value: object) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise InputError(f"{shorten(repr(value), 60)} is not a list of numbers", remedy="write [3, 2, 1]")
    return value


def _inline(value: object) -> Array:
    """An array from nested lists of numbers and exact strings; a flat list is a vector."""
    import numpy as np

    rows = _list(value)
    if not any(isinstance(row, list) for row in rows):
        return _array([read_number(entry) for entry in rows])
    numbers = [[read_number(entry) for entry in _list(row)] for row in rows]
    if len({len(row) for row in numbers}) != 1:
        raise InputError("rows of different lengths", remedy="give every row as many numbers as the matrix has columns")
    return np.stack([_array(row) for row in numbers]) if len(numbers) > 1 else _array(numbers[0])[None, :]


def _array(numbers: list[Number]) -> Array:
    import numpy as np

    if any(isinstance(number, complex) for number in numbers):
        return np.array([complex(number) for number in numbers])
    return np.array([float(number) for number in numbers if not isinstance(number, complex)])


def _file(name: str, folder: Path | None) -> Array:
    """An array from a .npy file with plain numbers."""
    import numpy as np

    try:
        array = np.load((folder or Path()) / name, allow_pickle=False)
    except FileNotFoundError:
        raise InputError(f"no file {name!r}", remedy="paths start at the folder of the problem file") from None
    except (OSError, ValueError, EOFError, SyntaxError, MemoryError) as error:
        what = f"cannot read {name!r} as an array of numbers ({shorten(str(error), 80)})"
        raise InputError(what, remedy="save it with numpy.save from an array of numbers") from None
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "iufc" or array.ndim not in (1, 2):
        kind = f"{array.ndim} axes of {array.dtype}" if isinstance(array, np.ndarray) else "several arrays"
        raise InputError(f"{name!r} holds {kind}", remedy="save one matrix or vector of numbers with numpy.save")
    if not np.all(np.isfinite(array)):
        raise InputError(f"{name!r} holds values that are not finite", remedy="remove nan and inf")
    return array


def _is_complex(data: MatrixData) -> bool:
    from fpt_calc.point import Dense, Eigenvalues, Multiple

    match data:
        case Dense(array=array):
            return array.dtype.kind == "c" and bool(array.imag.any())
        case Eigenvalues(values=values):
            return any(isinstance(v, complex) for v in values)
        case Multiple(value=value):
            return isinstance(value, complex)
    return False


def _check_shape(model: NumericModel, atom: Atom) -> None:
    """Dimensions have to be positive, and a list of eigenvalues short enough to be written out."""
    from fpt_calc.point import PowerLaw

    for dim in atom.shape:
        size = model.dimension(dim)
        if isinstance(model.point.matrices.get(atom.name), PowerLaw) and size > LARGEST_SPECTRUM:
            what = f"a power law of more than {LARGEST_SPECTRUM} eigenvalues"
            remedy = "give a limiting spectrum { eigenvalues = [...], weights = [...] }"
            raise InputError(what, where=f"at.{atom.name}", remedy=remedy)


def check_law(model: NumericModel, atom: Atom) -> None:
    """Raise `InputError` if a variance is negative at the values of ``model``."""
    for variance in atom.law.scalars() if atom.law is not None else ():
        value = model.scalar(variance)
        if isinstance(value, complex) or not value >= 0:
            what = f"the variance {variance} of {atom.name} is {value:g} at these values"
            raise InputError(what, where="at", remedy="choose values that make it positive")

"""What a user says about sizes and spectra, as a `Setting` with the ranges of exponents and parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from fpt_calc.assumptions import inequality_texts
from fpt_calc.errors import InputError
from fpt_calc.point import Multiple
from fpt_calc.point import PowerLaw as NumericPowerLaw
from fpt_calc.scalars import ZERO, Generator, Parameter, Scalar, generator_scalar
from fpt_calc.scaling.geometry import manifold_spectrum
from fpt_calc.scaling.polyhedra import Affine, Bounds, Polyhedron, polyhedron, variable
from fpt_calc.scaling.regimes.affine_scalars import affine_of
from fpt_calc.scaling.regimes.constants import to_sympy
from fpt_calc.scaling.regimes.monomial_text import read_exponent, read_monomial
from fpt_calc.scaling.regimes.powers import powers
from fpt_calc.scaling.regimes.spectral_sum import CUT, Monomial, Sequence, Setting
from fpt_calc.scaling.regimes.witness import INFINITE
from fpt_calc.scaling.spectra import PowerLaw, PowerSource

_SPECTRA = 'power_law("beta"), source("r"), or {"power_law": "beta"}, {"source": "r"}, {"identity": 1}'


@dataclass(frozen=True)
class Names:
    """What there is to be scaled.

    Attributes
    ----------
    dims, scalars, matrices, vectors : declared names.
    cut : the dimension of the matrices.
    covariances : the matrices that a source condition may refer to, most natural first.
    """

    dims: tuple[str, ...]
    scalars: tuple[str, ...]
    matrices: tuple[str, ...]
    vectors: tuple[str, ...]
    cut: str
    covariances: tuple[str, ...]


@dataclass(frozen=True)
class Request:
    """A setting, and over which exponents and parameters it is studied.

    Attributes
    ----------
    setting : how everything depends on the size.
    domain : the polyhedron of the exponents.
    bounds : of the parameters of the spectra, which stay symbols.
    assumed : scalars in the parameters that are positive.
    constants : names of quantities of order one.
    dims, vectors : names of dimensions and of vectors.
    """

    setting: Setting
    domain: Polyhedron
    bounds: Mapping[Generator, Bounds]
    assumed: tuple[Scalar, ...]
    constants: tuple[str, ...]
    dims: tuple[str, ...] = ()
    vectors: tuple[str, ...] = ()


def read_request(size: str, given: Mapping[str, Any], names: Names, assume: Iterable[str] = ()) -> Request:
    """The setting that a user describes.

    Parameters
    ----------
    size : the quantity that grows.
    given : for dimensions and scalars products of powers such as ``"T**-ell"``, for matrices and vectors spectra.
        The dimension may be "oo" (and is, if it is left out): larger than every power of the size.  Scalars that are
        left out are constants.
    names : what there is.
    assume : inequalities between exponents and parameters, such as ``"ell <= beta"``.

    Raises `InputError` for what cannot be meant.
    """
    _check_names(size, given, names)
    sequences = {n: _sequence(n, given, names) for n in (*names.matrices, *names.vectors)}
    parameters = {
        g for s in sequences.values() for g in (*s.decay.gens, *_exponents(s.scale)) if isinstance(g, Parameter)
    }
    quantities, cut = _quantities(size, given, names)
    monomials = [*quantities.values(), cut]
    found = {g for m in monomials for g in _exponents(m) if isinstance(g, Parameter) and g != INFINITE}
    variables = tuple(sorted(g.name for g in found - parameters))
    _check_clashes(variables, size, names, parameters)
    bounds: dict[Generator, Bounds] = {p: (Fraction(0), None) for p in sorted(parameters, key=lambda p: p.name)}
    for name in names.covariances:
        own = sequences[name].decay
        if len(own.gens) == 1 and own == generator_scalar(own.gens[0]):
            bounds[own.gens[0]] = (Fraction(1), None)
    if any(g == INFINITE for g in _exponents(cut)):
        _check_decays(names, sequences, given)
    constraints, assumed = _assumptions(assume, variables, parameters)
    domain = polyhedron(variables, [variable(v) for v in variables] + constraints)
    constants = {g.name for m in (*monomials, *(s.scale for s in sequences.values())) for g in m.coefficient.gens}
    constants |= {base for s in sequences.values() for base, _ in s.scale.powers if base != size}
    for name in constants & {*variables, *(p.name for p in parameters)}:
        raise InputError(f"{name} is a constant and an exponent", where="scaling", remedy="rename one of them")
    return Request(
        Setting(size, sequences, quantities, cut),
        domain,
        bounds,
        assumed,
        tuple(sorted(constants)),
        names.dims,
        names.vectors,
    )


def _check_decays(names: Names, sequences: Mapping[str, Sequence], given: Mapping[str, Any]) -> None:
    """Raise `InputError` for numbers with which traces are infinite as the dimension grows."""
    for name in names.covariances:
        decay = sequences[name].decay.constant
        if decay is not None and decay <= 1:
            what = f"the trace of {name}, with eigenvalues k^-{decay}, is infinite"
            raise InputError(what, where=name, remedy=f'give beta > 1, or the dimension: {names.cut}="T**b"')
    for name in (*names.matrices, *names.vectors):
        table = _normal(given[name], name)
        source = read_exponent(table["source"], name).constant if "source" in table else None
        if source is not None and source <= 0:
            raise InputError(f"a source with r = {source}", where=name, remedy="give r > 0")


def _exponents(value: Monomial) -> list[Generator]:
    return [g for _, e in value.powers for g in e.gens]


def _check_names(size: str, given: Mapping[str, Any], names: Names) -> None:
    every = (*names.dims, *names.scalars, *names.matrices, *names.vectors)
    if size not in (*names.dims, *names.scalars):
        what = f"no size {size!r}"
        raise InputError(what, where="scaling", remedy=f"let one of {', '.join((*names.dims, *names.scalars))} grow")
    for name in given:
        if name not in every:
            raise InputError(f"no quantity {name!r}", where="scaling", remedy=f"there are {', '.join(every)}")
        if name == size:
            raise InputError(f"{name} is the size that grows", where="scaling", remedy=f"leave {name}=... out")
    for name in (*names.matrices, *names.vectors):
        if name not in given:
            raise InputError(f"{name} has no spectrum", where="scaling", remedy=f"give {name} = {_SPECTRA}")
    for name in names.dims:
        if name not in given and name not in (size, names.cut):
            remedy = f'give {name}="{size}", {name}="{size}**a" or the like'
            raise InputError(f"how {name} grows with {size} is not said", where="scaling", remedy=remedy)


def _check_clashes(variables: tuple[str, ...], size: str, names: Names, parameters: set[Parameter]) -> None:
    taken = {size, *names.dims, *names.scalars, *names.matrices, *names.vectors}
    for name in (*variables, *(p.name for p in parameters)):
        if name in taken:
            raise InputError(f"{name} is a quantity and an exponent", where="scaling", remedy="rename the exponent")


def _quantities(size: str, given: Mapping[str, Any], names: Names) -> tuple[dict[str, Monomial], Monomial]:
    """Dimensions and scalars as monomials, each in those that it names; the dimension of the matrices apart."""
    known: dict[str, Monomial] = {size: Monomial(powers=powers({size: 1}))}
    cut = Monomial(powers=powers({size: generator_scalar(INFINITE)}))
    pending: list[str] = []

    def meaning(name: str) -> Monomial:
        if name in known:
            return known[name]
        if name not in (*names.dims, *names.scalars):
            return Monomial(generator_scalar(Parameter(name, "positive")))
        if name in pending:
            raise InputError(f"{name} is defined by itself", where=name, remedy="break the circle")
        pending.append(name)
        known[name] = value(name)
        pending.remove(name)
        return known[name]

    def value(name: str) -> Monomial:
        nonlocal cut
        if name == names.cut:
            if given.get(name, "oo") != "oo":
                cut = read_monomial(given[name], meaning, name)
            return Monomial(powers=powers({CUT: 1}))
        if name in given:
            return read_monomial(given[name], meaning, name)
        return Monomial(generator_scalar(Parameter(name, "positive")))

    for name in (*names.dims, *names.scalars):
        meaning(name)
    if names.cut == size:
        cut = Monomial(powers=powers({size: 1}))
        known[size] = Monomial(powers=powers({CUT: 1}))
    return known, cut


def _sequence(name: str, given: Mapping[str, Any], names: Names) -> Sequence:
    value = _normal(given[name], name)
    kind, first = next(iter(value.items()))
    scale = read_monomial(value.get("scale", 1), _constant, name)
    match kind:
        case "identity":
            return Sequence(ZERO, read_monomial(first, _constant, name))
        case "power_law":
            return Sequence(read_exponent(first, name), scale)
        case "smoothness":
            if "dimension" not in value:
                raise InputError(
                    "a kernel without the dimension of its data", where=name, remedy='add "dimension": "D"'
                )
            smoothness, dimension = (to_sympy(read_exponent(v, name)) for v in (first, value["dimension"]))
            return Sequence(read_exponent(manifold_spectrum(smoothness, dimension).exponent, name), scale)
    of = value.get("of", names.covariances[0] if names.covariances else None)
    if "of" not in value and len(names.covariances) > 1:
        what = f"a source condition for one of {', '.join(names.covariances)}"
        raise InputError(what, where=name, remedy=f'add "of": "{names.covariances[0]}"')
    if of not in names.matrices or of == name:
        raise InputError("a source condition without a covariance", where=name, remedy='add "of": "Sigma"')
    covariance = _sequence(of, given, names)
    squared = 1 + 2 * covariance.decay * read_exponent(first, name) - covariance.decay
    weight = scale * covariance.scale**-1  # lambda_k w_k^2 = b k^-(1 + 2 beta r)
    if name in names.matrices:
        return Sequence(squared, weight)
    if weight.coefficient != 1:
        weight = Monomial(powers=powers({str(weight.coefficient): 1}))
    return Sequence(squared / 2, Monomial(powers=tuple((n, e / 2) for n, e in weight.powers)))


def _constant(name: str) -> Monomial:
    return Monomial(powers=powers({name: 1}))


def _normal(value: Any, name: str) -> Mapping[str, Any]:
    """A spectrum as a table whose first key says what it is."""
    match value:
        case PowerLaw(beta=beta, scale=scale):
            return {"power_law": beta, "scale": scale}
        case NumericPowerLaw(exponent=exponent, scale=scale):
            return {"power_law": exponent, "scale": scale}
        case PowerSource(r=r, scale=scale):
            return {"source": r, "scale": scale}
        case Multiple(value=number):
            return {"identity": number}
        case Mapping():
            table = dict(value)
            kinds = [k for k in ("power_law", "source", "identity", "smoothness") if k in table]
            extra = set(table) - {"power_law", "source", "identity", "smoothness", "scale", "of", "dimension"}
            if len(kinds) == 1 and not extra:
                return {kinds[0]: table.pop(kinds[0]), **table}
    raise InputError(f"{value!r} is no spectrum that scales", where=name, remedy=f"give {_SPECTRA}")


def _assumptions(
    assume: Iterable[str], variables: tuple[str, ...], parameters: set[Parameter]
) -> tuple[list[Affine], tuple[Scalar, ...]]:
    """Inequalities as constraints on exponents, and as scalars in the parameters that are positive."""
    constraints: list[Affine] = []
    assumed: list[Scalar] = []
    known = {*variables, *(p.name for p in parameters)}
    for text in inequality_texts(assume):
        parts = re.split(r"(<=|>=|<|>)", text)
        if len(parts) < 3 or len(parts) % 2 == 0:
            raise InputError(f"{text!r} is no inequality", where="assume", remedy='write "ell <= beta"')
        sides = [read_exponent(p, "assume") for p in parts[::2]]
        for left, sign, right in zip(sides, parts[1::2], sides[1:], strict=False):
            positive = right - left if sign in ("<", "<=") else left - right
            for g in positive.gens:
                if g.name not in known:
                    remedy = f"there are {', '.join(sorted(known))}" if known else "there are none"
                    raise InputError(f"no exponent or parameter {g.name!r}", where=f"assume: {text}", remedy=remedy)
            if any(g.name in variables for g in positive.gens):
                constraints.append(affine_of(positive, variables))
            else:
                assumed.append(positive)
    return constraints, tuple(assumed)

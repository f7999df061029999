"""The check of balls at a point given by spectra: inclusion of the unknowns, stability, values of the targets.

Inclusion (Krawczyk 1969).  For g(u) = u - u'(u), analytic, a point x, a box X around it and any matrix C let
``K = x - C g(x) + (1 - C Dg(X)) (X - x)``.  If K lies in the interior of X, then g has exactly one zero in X, and it
lies in K: the Newton-like map is a contraction of X.

Stability.  If ``G = (F - eta(G))^-1`` and ``T: W -> G E[H W H*] G*`` has spectral radius below 1, then G is the limit
of the blocks of (F - H)^-1.  Proof (after Lehner 1999): in the limit H acts on the operator-valued Fock space as
``H = l1 + l2*`` with ``l2* G l1 = eta(G)``, so that ``F - H = (1 - l2* G) G^-1 (1 - G l1)``.  The norms of (G l1)^k and
(l2* G)^k are those of T^k and its adjoint at the identity, to the power 1/2, so both factors are invertible by
Neumann's series; the vacuum expectation of ``(1 - G l1)^-1 G (1 - l2* G)^-1`` is G.  Where the pencil is block
triangular the diagonal blocks suffice: those of T between two different ones have at most the geometric mean of the
two spectral radii (Cauchy and Schwarz).  The spectral radius is at most the k-th root of a norm of T^k.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint

from fpt_calc.errors import InputError
from fpt_calc.verify.certificate import Ball, Certificate, Point, RandomEntry, Spectrum
from fpt_calc.verify.dyson import System, strong_parts
from fpt_calc.verify.formula import scalar_of
from fpt_calc.verify.identities import Refusal, Setting
from fpt_calc.verify.model import NONNEGATIVE, REAL_KINDS, Blocks, Model, arithmetic, multiply, tau
from fpt_calc.verify.variety import with_definitions

GUARD_BITS, MAX_BITS = 120, 6000
MAX_COST = 4_000_000  # eigenvalues times the square of the number of states, or times unknowns and entries
MAX_POWER = 20
_STAR = {"": "H", "H": "", "T": "conj", "conj": "T"}


@dataclass(frozen=True)
class BallReport:
    """What was found: a bound on the spectral radius, and the digits of each target that its ball leaves."""

    radius: float
    digits: Mapping[str, int]


def check_balls(s: Setting, point: Point) -> BallReport:
    """Check everything that is stated at a point; raises `Refusal`, or `InputError` for values that cannot be."""
    c = s.certificate
    small = min(
        (b.radius for b in (*c.unknown_balls.values(), *c.target_balls.values()) if b.radius), default=Fraction(1)
    )
    bits = GUARD_BITS + max(0, small.denominator.bit_length() - small.numerator.bit_length())
    if bits > MAX_BITS:
        raise InputError("more digits than can be checked", where="balls", remedy=f"at most {MAX_BITS} bits")
    with flint.ctx.workprec(bits):
        try:
            return _checked(s, point)
        except ZeroDivisionError:
            raise Refusal("a matrix that is not invertible at this point", "balls") from None


def _checked(s: Setting, point: Point) -> BallReport:
    c = s.certificate
    system = s.system(point_model(s, point))
    for name, matrix in c.problem.matrices.items():
        if matrix.law is not None and not scalar_of(matrix.law.variance, system.model).real >= 0:
            raise InputError("a variance that is not positive", where=f"problem.matrices.{name}")
    unknowns = _inclusion(system, [_centre(c.unknown_balls[name]) for name in c.unknowns])
    for name, ball in c.unknown_balls.items():
        if not _within(unknowns[name], ball):
            raise Refusal("the ball does not contain the solution near its centre", f"balls.unknowns.{name}")
    bound = stability_bound(system, unknowns)
    digits = {}
    for name, ball in c.target_balls.items():
        value = scalar_of(c.values[name], system.model, unknowns)
        if not _within(value, ball):
            raise Refusal("the ball does not contain the value", f"balls.targets.{name}")
        digits[name] = _digits(ball)
    _check_parameters(c, system.model, unknowns)
    return BallReport(bound, digits)


def _check_parameters(c: Certificate, model: Model, unknowns: Mapping[str, Any]) -> None:
    """The closed form at the point, with the parameters that the unknowns give."""
    form = c.closed_form
    if form is None:
        return
    parameters = {name: scalar_of(source, model, unknowns) for name, source in form.meanings.items()}
    names = with_definitions(form, model, parameters)
    for name, source in form.relations.items():
        if not scalar_of(source, model, names).contains(0):
            raise Refusal("the relation does not hold at the point", f"closed_form.relations.{name}")
    for name, source in form.targets.items():
        if not scalar_of(source, model, names).overlaps(scalar_of(c.values[name], model, unknowns)):
            raise Refusal("the closed form misses the value at the point", f"closed_form.targets.{name}")


# balls ----


def _rational(x: Fraction) -> Any:
    return flint.arb(flint.fmpq(x.numerator, x.denominator))


def _centre(ball: Ball) -> Any:
    return flint.acb(_rational(ball.real), _rational(ball.imaginary))


def _within(value: Any, ball: Ball) -> bool:
    return bool(value.is_finite() and abs(value - _centre(ball)) <= _rational(ball.radius))


def _digits(ball: Ball) -> int:
    size = math.hypot(ball.real, ball.imaginary)
    if not ball.radius or not size:
        return 0
    with flint.ctx.workprec(64):
        return max(0, int(float(_rational(Fraction(size) / ball.radius / 2).log() / flint.arb(10).log())))


def _inclusion(system: System, start: Sequence[Any]) -> dict[str, Any]:
    """Boxes that contain exactly one solution of ``u = u'(u)`` near the start."""
    names = list(system.certificate.unknowns)
    if not names:
        return {}
    size, x = len(names), list(start)
    for _ in range(2):  # more digits than the stated balls show, so that the enclosure is tight
        residual, jacobian = _equations(system, names, x)
        inverse = jacobian.mid().inv()
        step = inverse * flint.acb_mat(size, 1, residual)
        x = [(a - step[i, 0]).mid() for i, a in enumerate(x)]
    residual, jacobian = _equations(system, names, x)
    inverse = jacobian.mid().inv().mid()
    defect = (inverse * flint.acb_mat(size, 1, residual)).entries()
    width = 8 * max(abs(e).upper() for e in defect) + flint.arb(2) ** (20 - flint.ctx.prec)
    for _ in range(12):
        r = flint.arb(0, width.upper())
        box = [a + flint.acb(r, r) for a in x]
        _, slope = _equations(system, names, box)
        eye = flint.acb_mat(size, size, [int(i == j) for i in range(size) for j in range(size)])
        spread = (eye - inverse * slope) * flint.acb_mat(size, 1, [b - a for a, b in zip(x, box, strict=True)])
        image = [a - e + m for a, e, m in zip(x, defect, spread.entries(), strict=True)]
        if all(_inside(b, k) for b, k in zip(box, image, strict=True)):
            return dict(zip(names, image, strict=True))
        width = 16 * width
    raise Refusal("no solution is enclosed near the centres", "balls.unknowns")


def _inside(box: Any, image: Any) -> bool:
    parts = ((box.real, image.real), (box.imag, image.imag))
    return bool(image.is_finite() and all(b.contains_interior(k) for b, k in parts))


def _equations(system: System, names: list[str], x: Sequence[Any]) -> tuple[list[Any], Any]:
    """``g(x) = x - u'(x)`` and its derivative; ``du' = tau(weight G dEta G)``."""
    c, model = system.certificate, system.model
    block = system.solution(dict(zip(names, x, strict=True)))
    found = system.averages(block, c.unknowns)
    index = {name: k for k, name in enumerate(names)}
    size = len(names)
    rows = [[flint.acb(int(i == j)) for j in range(size)] for i in range(size)]
    for i, average in enumerate(c.unknowns.values()):
        weight = None if average.weight is None else system.matrix(average.weight)
        for e in c.self_energy:
            left, right = block(average.row, e.row), block(e.col, average.col)
            if _is_zero(left) or _is_zero(right):
                continue
            middle = None if e.matrix is None else system.matrix(e.matrix)
            value = tau(model, _chain(weight, left, middle, right))
            rows[i][index[e.unknown]] -= system.number(e.coefficient) * value
    jacobian = flint.acb_mat(size, size, [entry for row in rows for entry in row])
    return [a - found[name] for name, a in zip(names, x, strict=True)], jacobian


def _is_zero(a: Blocks) -> bool:
    return all(entry == 0 for part in a.parts for entry in part.entries())


def _chain(*factors: Blocks | None) -> Blocks:
    present = [f for f in factors if f is not None]
    result = present[0]
    for factor in present[1:]:
        product = multiply(result, factor)
        assert product is not None, "shapes were checked where the matrix was put"
        result = product
    return result


# stability ----


def stability_bound(system: System, unknowns: Mapping[str, Any]) -> float:
    """An upper bound below 1 on the spectral radius of T; raises `Refusal` if none is found.

    T is written on the numbers ``tau(inner W_kl)``, one for each pair of entries of one letter, which E[H W H*] depends
    on; both have the same spectral radius.
    """
    block = system.solution(unknowns)
    worst = 0.0
    for part in _irreducible_parts(system.certificate):
        entries = [e for e in system.certificate.random if e.row in part and e.col in part]
        pairs = [(a, b) for a in entries for b in entries if _paired(system, a, b)]
        if pairs:
            worst = max(worst, _radius_bound(_covariance_map(system, block, pairs)))
    return worst


def _paired(system: System, a: RandomEntry, b: RandomEntry) -> bool:
    fixed = system.model.dimensions.is_fixed(system.states[a.col])
    return not fixed and system.pairing(a, b.letter, a.operation, _STAR[b.operation]) is not None


def _covariance_map(system: System, block: Any, pairs: list[tuple[RandomEntry, RandomEntry]]) -> Any:
    """Pairs a = (i, k), b = (j, l): ``E[H W H*]_ij = s^2 A conj(B) Tr(inner W_kl) outer``."""
    rows = []
    for c, e in pairs:
        inner = _pairing(system, c, e)[1]
        row = []
        for a, b in pairs:
            variance, _, outer = _pairing(system, a, b)
            right = block(e.col, b.row)
            star = Blocks(right.cols, right.rows, tuple(p.conjugate().transpose() for p in right.parts))
            value = tau(system.model, _chain(inner, block(c.col, a.row), outer, star))
            factor = variance * system.model.lengths[system.states[a.col]]
            row.append(factor * system.number(a.coefficient) * system.number(b.coefficient).conjugate() * value)
        rows.append(row)
    return flint.acb_mat(len(pairs), len(pairs), [x for row in rows for x in row])


def _pairing(system: System, a: RandomEntry, b: RandomEntry) -> tuple[Any, Blocks | None, Blocks | None]:
    found = system.pairing(a, b.letter, a.operation, _STAR[b.operation])
    assert found is not None, "only pairs are asked for"
    return found


def _radius_bound(matrix: Any) -> float:
    power, bound = matrix, flint.arb(0)
    for k in range(MAX_POWER):
        norm = max((sum((abs(x) for x in row), flint.arb(0)).upper() for row in power.tolist()), default=flint.arb(0))
        bound = norm.root(2**k) if norm > 0 else flint.arb(0)
        if norm < flint.arb(1) / 2 or (k > 4 and norm < 1):
            return float(bound.upper())
        if not norm.is_finite():
            break
        power = power * power
    raise Refusal(
        f"the covariance map is not shown to be stable (bound {float(bound.mid()):.4g}): not the physical solution",
        "balls",
    )


def _irreducible_parts(c: Certificate) -> list[set[int]]:
    """The strongly connected components of the pencil."""
    places = [(e.row, e.col) for e in c.deterministic] + [(e.row, e.col) for e in c.random]
    return strong_parts({i: {col for row, col in places if row == i} for i in range(len(c.states))})


# the point ----


def point_model(s: Setting, point: Point) -> Model:
    """The model of a point: one summand of size 1 for each eigenvalue of each dimension.

    Raises `InputError` where the values contradict what is declared.
    """
    c = s.certificate
    exact = {name: Fraction(n) for name, n in point.dims.items()}
    for name, (re, im) in point.scalars.items():
        _check_kind(name, c.problem.scalars[name], re, im)
        if not im:
            exact[name] = re
    lengths = [Fraction(arithmetic(tree, exact)) for tree in s.dimensions.trees]
    if min(lengths) <= 0:
        raise InputError("a dimension that is not positive", where="point")
    spectra = [_shares(s, key, length) for key, length in enumerate(lengths)]
    owner = [key for key, shares in enumerate(spectra) for _ in shares]
    if len(owner) * max(len(c.states) ** 2, len(c.unknowns) * len(c.self_energy)) > MAX_COST:
        raise InputError("a point that would take too long to check", where="point", remedy="shorter spectra")
    return Model(
        number=flint.acb,
        imaginary=flint.acb(0, 1),
        square_root=lambda x: x.sqrt(),
        matrix=flint.acb_mat,
        dimensions=s.dimensions,
        sizes=tuple(tuple(int(key == k) for k in owner) for key in range(len(lengths))),
        lengths=tuple(flint.acb(_rational(x)) for x in lengths),
        weights=tuple(flint.acb(_rational(x * lengths[key])) for key, shares in enumerate(spectra) for x in shares),
        scalars=_scalars(exact, point),
        nonnegative=frozenset(name for name, kind in s.kinds.items() if kind in NONNEGATIVE),
        matrices=(made := {n: _diagonal(s, n, owner, m) for n, m in point.matrices.items()}),
        roots={n: _each_root(m) for n, (m, _) in made.items() if "psd" in s.shapes[n].facts},
    )


def _scalars(exact: Mapping[str, Fraction], point: Point) -> dict[str, tuple[Any, Any]]:
    values = {name: flint.acb(_rational(x)) for name, x in exact.items()}
    for name, (re, im) in point.scalars.items():
        values[name] = flint.acb(_rational(re), _rational(im))
    return {name: (x, x.conjugate()) for name, x in values.items()}


def _check_kind(name: str, kind: str, re: Fraction, im: Fraction) -> None:
    holds = {
        "positive": re > 0,
        "nonnegative": re >= 0,
        "fraction": 0 <= re <= 1,
        "integer": re.denominator == 1,
        "generations": re >= 0 and re.denominator == 1,
        "upper": im > 0,
    }
    if not holds.get(kind, True) or (kind in REAL_KINDS and im):
        raise InputError(f"a value that is not {kind}", where=f"point.scalars.{name}")


def _shares(s: Setting, key: int, length: Fraction) -> list[Fraction]:
    """The shares of the eigenvalues on a dimension: the same for all matrices on it."""
    point = s.certificate.point
    assert point is not None
    own = [m for name, m in point.matrices.items() if s.shapes[name].rows == key]
    weighted = {m.weights for m in own if m.weights is not None}
    lists = [m.eigenvalues for m in own if m.eigenvalues is not None]
    if weighted:
        (shares,) = weighted if len(weighted) == 1 else ((),)
        if not shares or any(len(v) != len(shares) for v in lists) or any(m.exponent is not None for m in own):
            raise InputError("spectra on one dimension with different weights", where="point.matrices")
        return list(shares)
    if not lists and all(m.exponent is None for m in own):
        return [Fraction(1)]
    if length.denominator != 1 or length > MAX_COST or any(len(v) != length for v in lists):
        raise InputError("not one eigenvalue for each dimension", where="point.matrices")
    return [1 / length] * int(length)


def _diagonal(s: Setting, name: str, owner: list[int], spectrum: Spectrum) -> tuple[Blocks, Blocks]:
    shape = s.shapes[name]
    if shape.rows != shape.cols:
        raise InputError("a spectrum of a matrix that is not square", where=f"point.matrices.{name}")
    count = owner.count(shape.rows)
    _check_facts(name, shape.facts, spectrum)
    values = iter(_eigenvalues(spectrum, count))
    parts = tuple(
        flint.acb_mat(1, 1, [next(values)]) if key == shape.rows else flint.acb_mat(0, 0, []) for key in owner
    )
    block = Blocks(shape.rows, shape.cols, parts)
    return block, block


def _eigenvalues(spectrum: Spectrum, count: int) -> list[Any]:
    if spectrum.eigenvalues is not None:
        return [_rational(x) for x in spectrum.eigenvalues]
    scale = _rational(spectrum.scale)
    if spectrum.exponent is None:
        return [scale] * count
    return [scale * flint.arb(k) ** _rational(-spectrum.exponent) for k in range(1, count + 1)]


def _check_facts(name: str, facts: frozenset[str], spectrum: Spectrum) -> None:
    values = spectrum.eigenvalues or (spectrum.scale,)
    if spectrum.exponent is not None and facts & {"projection", "orthogonal"} and spectrum.exponent != 0:
        values = (*values, Fraction(2))
    for fact, holds in (
        ("psd", min(values) >= 0),
        ("pd", min(values) > 0),
        ("projection", set(values) <= {0, 1}),
        ("orthogonal", set(values) <= {1, -1}),
    ):
        if fact in facts and not holds:
            raise InputError(
                f"eigenvalues that are not those of a matrix with the fact {fact}", where=f"point.matrices.{name}"
            )


def _each_root(a: Blocks) -> tuple[Blocks, Blocks]:
    parts = tuple(flint.acb_mat(p.nrows(), p.ncols(), [x.sqrt() for x in p.entries()]) for p in a.parts)
    root = Blocks(a.rows, a.cols, parts)
    return root, root

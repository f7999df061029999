"""Sums over eigenvalues that occur linearly, over a common denominator: ``w'Sw - w'S^2 R w`` becomes ``kappa w'S R w``.

What cancels in a value cancels here, for each eigenvalue, so that expansions of the sums need few terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fpt_calc.scalars import ONE, ZERO, Generator, Scalar, accumulate, denominator, generator_scalar, scalar
from fpt_calc.scaling.regimes import Pole, SpectralSum

Family = tuple[tuple[str, int], ...]  # letters of a sum other than the matrices of its poles
Numerator = Mapping[tuple[tuple[str, int], ...], Scalar]  # by powers of those matrices


def over_common_denominators(value: Scalar) -> Scalar:
    """The scalar with the sums of each family (those with w0, say) that have one coefficient collected."""
    matrices = {p.matrix for g in value.gens if isinstance(g, SpectralSum) for p in g.poles}
    kept, groups = ZERO, dict[tuple[Family, Scalar], list[tuple[Scalar, SpectralSum]]]()
    if not value.gens:
        return value
    for exponents, coefficient in value.num.to_dict().items():
        factors = [(g, int(e)) for g, e in zip(value.gens, exponents, strict=True) if e]
        linear = [g for g, _ in factors if isinstance(g, SpectralSum) and _family(g, matrices)]
        number, rest, shifts = _split(factors, linear, scalar(int(coefficient)))
        if len(linear) == 1 and dict(factors)[linear[0]] == 1:
            found = linear[0]
            groups.setdefault((_family(found, matrices), rest), []).append((number * shifts, found))
        else:
            kept = kept + number * rest * shifts * _product((g, e) for g, e in factors if g in linear)
    for (_, rest), members in groups.items():
        kept = kept + rest * _collected(members, matrices)
    return kept / denominator(value)


def _split(
    factors: list[tuple[Generator, int]], linear: list[SpectralSum], number: Scalar
) -> tuple[Scalar, Scalar, Scalar]:
    """The number, what stands beside the sums, and the powers of parameters, which belong to the functions summed."""
    shifts = {g for f in linear for p in f.poles for g in p.shift.gens}
    rest, own = ONE, ONE
    for g, e in factors:
        if g in shifts:
            own = own * generator_scalar(g) ** e
        elif g not in linear:
            rest = rest * generator_scalar(g) ** e
    return number, rest, own


def _product(factors: Iterable[tuple[Generator, int]]) -> Scalar:
    total = ONE
    for g, e in factors:
        total = total * generator_scalar(g) ** e
    return total


def _family(item: SpectralSum, matrices: set[str]) -> Family:
    return tuple((name, k) for name, k in item.powers if name not in matrices)


def _collected(members: list[tuple[Scalar, SpectralSum]], matrices: set[str]) -> Scalar:
    """The sum of some functions of the eigenvalues over their common denominator."""
    orders: dict[tuple[str, Scalar], int] = {}
    for _, item in members:
        for p in item.poles:
            orders[p.matrix, p.shift] = max(orders.get((p.matrix, p.shift), 0), p.order)
    total: dict[tuple[tuple[str, int], ...], Scalar] = {}
    for coefficient, item in members:
        own = {(p.matrix, p.shift): p.order for p in item.poles}
        start = tuple((name, k) for name, k in item.powers if name in matrices)
        numerator: Numerator = {start: coefficient}
        for (matrix, shift), order in orders.items():
            for _ in range(order - own.get((matrix, shift), 0)):
                numerator = _times(numerator, matrix, shift)
        for powers, c in numerator.items():
            accumulate(total, powers, c)
    family = _family(members[0][1], matrices)
    poles = tuple(Pole(m, s, k) for (m, s), k in sorted(orders.items(), key=str))
    result = ZERO
    for powers, c in total.items():
        letters = tuple(sorted((*family, *powers)))
        result = result + c * generator_scalar(SpectralSum(letters, poles))
    return result


def _times(numerator: Numerator, matrix: str, shift: Scalar) -> Numerator:
    """The product with ``matrix + shift``."""
    total: dict[tuple[tuple[str, int], ...], Scalar] = {}
    for powers, c in numerator.items():
        accumulate(total, powers, c * shift)
        exponents = dict(powers)
        exponents[matrix] = exponents.get(matrix, 0) + 1
        accumulate(total, tuple(sorted((n, k) for n, k in exponents.items() if k)), c)
    return total

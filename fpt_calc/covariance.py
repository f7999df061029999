"""The covariance map ``T: W -> G E[H W H*] G*`` of a pencil F - H as data, part by part (floor 4).

T maps through finitely many averages ``tau(D W_kl)``, one for each pair of random entries that share a letter; as a
matrix on these averages it has the same nonzero spectrum.  For block triangular pencils its spectral radius is the
largest one of the irreducible diagonal parts: between two parts ``rho(T_pq)^2 <= rho(T_pp) rho(T_qq)``, by the
Cauchy-Schwarz inequality for completely positive maps.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass

from fpt_calc.expr import Expr, conjugate_letter
from fpt_calc.graphs import strong_components
from fpt_calc.scalars import Scalar, is_fixed
from fpt_calc.system import FixedPointSystem, RandomEntry, successors


@dataclass(frozen=True)
class Sandwiched:
    """``E[H W H*]`` at (a.row, b.row) has the term ``coefficient * tau(inner W[a.col, b.col]) * outer``.

    ``inner``, ``outer`` None are the identity.
    """

    a: RandomEntry
    b: RandomEntry
    coefficient: Scalar
    inner: Expr | None
    outer: Expr | None


def covariance_terms(entries: tuple[RandomEntry, ...]) -> list[Sandwiched]:
    """The terms of ``E[H W H*]`` for the random part H with these entries; traces over fixed dimensions are dropped.

    Entries a, b of one letter contribute ``s^2 dim A_a conj(A_b) tau(inner W) outer``; no others correlate.
    """
    terms: list[Sandwiched] = []
    for a in entries:
        for b in entries:
            law = a.letter.atom.law
            assert law is not None
            if a.letter != b.letter or is_fixed(a.letter.cols):
                continue
            sandwich = law.sandwich(a.letter.operation, conjugate_letter(a.letter, "H").operation)
            if sandwich is not None:
                coefficient = sandwich.variance * a.letter.cols * a.coefficient * b.coefficient.conjugate()
                terms.append(Sandwiched(a, b, coefficient, sandwich.inner, sandwich.outer))
    return terms


def adjoint_entries(entries: tuple[RandomEntry, ...]) -> tuple[RandomEntry, ...]:
    """The entries of H*."""
    return tuple(RandomEntry(e.col, e.row, e.coefficient.conjugate(), conjugate_letter(e.letter, "H")) for e in entries)


def irreducible_parts(system: FixedPointSystem, known: Iterable[tuple[int, ...]] = ()) -> list[tuple[int, ...]]:
    """The states of each irreducible diagonal part of the pencil with random entries, of copies only the first.

    Copies of ``known`` parts are left out.
    """
    seen = {_signature(system, part) for part in known}
    found: list[tuple[int, ...]] = []
    for part in strong_components(range(len(system.dims)), successors((*system.terms, *system.random))):
        signature = _signature(system, part)
        if entries_inside(system, part) and signature not in seen:
            seen.add(signature)
            found.append(part)
    return found


def entries_inside(system: FixedPointSystem, part: Collection[int]) -> tuple[RandomEntry, ...]:
    """The random entries of a diagonal part of the pencil."""
    states = set(part)
    return tuple(e for e in system.random if e.row in states and e.col in states)


def _signature(system: FixedPointSystem, part: Collection[int]) -> Hashable:
    """Equal for copies of one resolvent: the same letters, deterministic entries and couplings at the same places."""
    place = {i: k for k, i in enumerate(sorted(part))}
    letters = {(place[e.row], place[e.col], e.coefficient, e.letter) for e in entries_inside(system, part)}
    terms = {
        (place[t.row], place[t.col], t.coefficient, t.matrix) for t in system.terms if t.row in place and t.col in place
    }
    couplings = {
        (place[c.row], place[c.col], c.coefficient, c.unknown, c.matrix)
        for c in system.couplings
        if c.row in place and c.col in place
    }
    return frozenset(letters), frozenset(terms), frozenset(couplings)

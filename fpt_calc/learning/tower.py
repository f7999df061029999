"""The tower of expectations: the error as a quadratic form, its randomness averaged out stage by stage.

The excess risk is ``v'Bv`` in the weights of the tested model and of the teacher.  The stages of the pipeline are
taken out from the last to the first: given everything before it, a stage turns a quadratic form in its weights into one
in the weights of those who labelled its data, plus a constant from the label noise (`fpt_calc.learning.maps`).  What
remains are the teachers.  Forms that come from later stages are deterministic when a stage is averaged, since its
randomness is independent of theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fpt_calc.expr import Atom, identity
from fpt_calc.learning.combination import Combination, nothing, single
from fpt_calc.learning.fit import Fits, Part
from fpt_calc.learning.maps import Pair, SecondOrder, StageMap
from fpt_calc.learning.program import Writer
from fpt_calc.pipeline import Teacher
from fpt_calc.scalars import ZERO, Scalar, scalar

Forms = dict[Pair, Combination]


@dataclass(frozen=True)
class State:
    """``sum of p' forms[p, q] q + sum of noises``; both (p, q) and (q, p) are there."""

    forms: Mapping[Pair, Combination] = field(default_factory=dict)
    noises: Mapping[str, Scalar] = field(default_factory=dict)

    def parts(self) -> frozenset[Part]:
        return frozenset(p for pair in self.forms for p in pair)


def eliminated(state: State, fits: Fits, found: StageMap, writer: Writer) -> State:
    """The state after one stage was averaged out."""
    inside = frozenset(fits.weights)
    forms: Forms = {}
    noises = dict(state.noises)
    for (p, q), B in state.forms.items():
        if p in inside and q in inside:
            for s in fits.weights[p].signals:
                for t in fits.weights[q].signals:
                    _add(forms, (s, t), applied(found.second[(p, q), (s, t)], B, writer))
            for name in fits.weights[p].noises:
                if ((p, q), name) in found.noise:
                    _add_noise(forms, noises, fits, name, (B @ found.noise[(p, q), name]).trace(), writer)
        elif p in inside:
            for s in fits.weights[p].signals:
                _add(forms, (s, q), found.first[p, s].T @ B)
        elif q in inside:
            for t in fits.weights[q].signals:
                _add(forms, (p, t), B @ found.first[q, t])
        else:
            _add(forms, (p, q), B)
    return State({k: v for k, v in forms.items() if not v.is_zero}, noises)


def _add(forms: Forms, pair: Pair, value: Combination) -> None:
    forms[pair] = forms[pair] + value if pair in forms else value


def _add_noise(forms: Forms, noises: dict[str, Scalar], fits: Fits, name: str, value: Scalar, writer: Writer) -> None:
    """The noise of a data set; what is noise for the pupils of random features is a form in these."""
    if name in fits.rough:
        add_rough(forms, fits, name, writer.scalar(fits.scales[name] * value))
        return
    noises[name] = noises.get(name, ZERO) + fits.noises[name].noise ** 2 * fits.scales[name] * value


def add_rough(forms: Forms, fits: Fits, name: str, factor: Scalar) -> None:
    """Add ``factor v'v``, v the nonlinear weights of the random features that labelled data."""
    part, projection = fits.rough[name]
    _add(forms, (part, part), single(identity(projection.width)) * factor)


def applied(second: SecondOrder, B: Combination, writer: Writer) -> Combination:
    """The image of a quadratic form."""
    total = nothing(second.rows, second.cols)
    for c in second.carried:
        total = total + single(c.left) @ B @ single(c.right) * c.coefficient
    for i in second.injected:
        total = total + single(i.word) * (i.coefficient * writer.scalar((B @ single(i.functional)).trace()))
    return total


def test_form(model: str, against: Teacher, covariance: Atom | None, width: Scalar | None) -> State:
    """``|w - w0|^2_covariance``, and for random features the norm of the nonlinear weights."""
    dim = against.dim
    sigma = single(identity(dim) if covariance is None else covariance)
    signs = {Part(model): 1, **{part: -1 for part in own_parts(against)}}
    forms = {(p, q): sigma * scalar(a * b) for p, a in signs.items() for q, b in signs.items()}
    if width is not None:
        part = Part(model, True)
        forms[part, part] = single(identity(width))
    return State(forms)


def own_parts(teacher: Teacher) -> Iterator[Part]:
    """The parts of a teacher: its own, and those it is displaced from."""
    current: Teacher | None = teacher
    while current is not None:
        yield Part(current.name)
        current = current.near


def teacher_values(state: State, teachers: Mapping[str, Teacher]) -> tuple[dict[str, Scalar], Scalar]:
    """What each teacher contributes by itself, and the sum over pairs of two fixed teachers."""
    own: dict[str, Scalar] = {}
    mixed = ZERO
    for (p, q), B in state.forms.items():
        left, right = teachers[p.name], teachers[q.name]
        if p == q and left.covariance is not None:
            own[p.name] = (B @ single(left.covariance)).trace()
        elif left.vector is not None and right.vector is not None:
            value = (single(left.vector).T @ B @ single(right.vector)).trace()
            if p == q:
                own[p.name] = value
            else:
                mixed = mixed + value
    return own, mixed

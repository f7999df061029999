"""Training laws for the tests of the tale of tails, and their probabilities written out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
from hypothesis import strategies as st

from fpt_calc.scaling.zipf import TrainingLaw, ZipfLaw, cut, mixed, reweighted, selected
from fpt_calc.scaling.zipf.laws import Cut, Mixed, Reweighted, Selected

EXPONENTS = ("21/20", "5/4", "3/2", "2", "7/3", "4")

TABLE: dict[str, Callable[[ZipfLaw, Any], TrainingLaw]] = {
    "real": lambda law, k: law,
    "cut": cut,
    "wider": lambda law, k: ZipfLaw("5/4", law.items),
    "reweighted": lambda law, k: reweighted(law, "1/2"),
    "selected": lambda law, k: selected(law, k, "9/10", "1/100"),
    "favoured": lambda law, k: selected(law, k, "1/10", 1),
    "mixed": lambda law, k: mixed("1/20", law, cut(law, k)),
    "two powers": lambda law, k: mixed("1/3", law, reweighted(law, 1)),
    "nested": lambda law, k: mixed("1/2", cut(reweighted(law, "1/4"), k), selected(law, 2 * k, 1, "1/2")),
}


def written_out(law: TrainingLaw, items: int) -> list[Any]:
    """The probabilities of items 1, 2, ..., of a law with finitely many items, in mpmath."""
    numbers = range(1, items + 1)
    match law:
        case ZipfLaw(beta=beta):
            assert law.items is not None
            weights = [mpmath.mpf(i) ** -_real(beta) if i <= law.items else mpmath.mpf(0) for i in numbers]
        case Cut(law=inner, last=last):
            weights = [
                q if i <= last else mpmath.mpf(0) for i, q in zip(numbers, written_out(inner, items), strict=True)
            ]
        case Reweighted(law=inner, gamma=gamma):
            inside = written_out(inner, items)
            weights = [q * mpmath.mpf(i) ** -_real(gamma) for i, q in zip(numbers, inside, strict=True)]
        case Selected(law=inner, last=last, head=head, tail=tail):
            inside = written_out(inner, items)
            weights = [q * _real(head if i <= last else tail) for i, q in zip(numbers, inside, strict=True)]
        case Mixed(share=share, law=first, other=second):
            s, both = _real(share), (written_out(first, items), written_out(second, items))
            weights = [s * a + (1 - s) * b for a, b in zip(*both, strict=True)]
    total = mpmath.fsum(weights)
    return [w / total for w in weights]


def _real(value: Any) -> Any:
    return mpmath.mpf(int(value.p)) / int(value.q)


@st.composite
def finite_laws(draw: st.DrawFn) -> tuple[ZipfLaw, TrainingLaw]:
    """A test law with few items and a training law on as many."""
    items = draw(st.integers(1, 40))
    test = ZipfLaw(draw(st.sampled_from(EXPONENTS)), items)
    base = test if draw(st.booleans()) else ZipfLaw(draw(st.sampled_from(EXPONENTS)), items)
    make = draw(st.sampled_from(sorted(TABLE)))
    return test, TABLE[make](base, draw(st.integers(1, items)))

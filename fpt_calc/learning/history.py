"""Models that share randomness: their whole history as one expression and one pencil.

Where a design, a projection or a data set is used by several models nothing can be averaged out on its own.  The models
of such a stage are random matrices applied to the teachers, and each quantity is the limit of one trace in them.
"""

from __future__ import annotations

from collections.abc import Mapping

from fpt_calc.derivation import derive_law
from fpt_calc.errors import CannotDecideError
from fpt_calc.expr import Atom, Expr, Tr, Transpose, constituents, flat_product, identity
from fpt_calc.learning.combination import Combination
from fpt_calc.learning.fit import Fits, Part, Weights
from fpt_calc.learning.program import LawDefinition, Named, Writer
from fpt_calc.learning.tower import State
from fpt_calc.learning.words import transposed
from fpt_calc.pipeline import Teacher
from fpt_calc.scalars import ZERO, Dimension, Parameter, Scalar, generator_scalar


def taken_together(
    state: State, fits: Fits, teachers: Mapping[str, Teacher], writer: Writer
) -> tuple[dict[str, Scalar], dict[str, Scalar]]:
    """The contributions of teachers (with "mixed" for pairs of fixed ones) and of label noises, as names for limits.

    Raises `CannotDecideError` where the state depends on models outside of the stage.
    """
    letters: dict[Atom, Combination] = {}
    bias: dict[str, Scalar] = {}
    noise: dict[str, Scalar] = {}
    for (p, q), B in state.forms.items():
        left, right = _weights(p, fits, teachers), _weights(q, fits, teachers)
        form = _form(B, letters, writer)
        for s, A in left.signals.items():
            for t, C in right.signals.items():
                name, second = _moment(teachers[s.name], teachers[t.name])
                if second is not None:
                    bias[name] = bias.get(name, ZERO) + _trace(A, form, C, second)
        for k, N in left.noises.items():
            if k in right.noises:
                scale = fits.noises[k].noise ** 2 * fits.scales[k]
                noise[k] = noise.get(k, ZERO) + scale * Tr(flat_product((transposed(N), form, right.noises[k])))
    targets = {f"bias_{name}": value for name, value in bias.items()}
    targets |= {f"noise_{name}": value for name, value in noise.items() if not value.is_zero}
    symbols = {Named(name): name for name in targets}
    writer.definitions.append(LawDefinition(derive_law(targets), letters, symbols))
    return (
        {name: generator_scalar(Named(f"bias_{name}")) for name in bias},
        {name: generator_scalar(Named(f"noise_{name}")) for name in noise if f"noise_{name}" in targets},
    )


def _weights(part: Part, fits: Fits, teachers: Mapping[str, Teacher]) -> Weights:
    if part in fits.weights:
        return fits.weights[part]
    if part.name not in teachers:
        raise CannotDecideError(
            "models that share a design depend on others that do, and on these in turn",
            where=part.name,
            remedy="give the models designs of their own",
        )
    return Weights({part: identity(teachers[part.name].dim)})


def _moment(left: Teacher, right: Teacher) -> tuple[str, Expr | None]:
    """``E[right left']`` of the own parts of two teachers, and what it contributes to; None if it vanishes."""
    if left == right:
        if left.covariance is not None:
            return left.name, left.covariance
        assert left.vector is not None, "a teacher has weights"
        return left.name, left.vector @ Transpose(left.vector)
    if left.vector is not None and right.vector is not None:
        return "mixed", right.vector @ Transpose(left.vector)
    return "", None


def _trace(A: Expr, form: Expr, C: Expr, second: Expr) -> Scalar:
    return Tr(flat_product((second, transposed(A), form, C)))


def _form(B: Combination, letters: dict[Atom, Combination], writer: Writer) -> Expr:
    """The form itself, if it is written in what was declared; else a letter for it."""
    if _is_plain(B, writer.made):
        return B.expression
    facts = frozenset({"symmetric"}) if B == B.T else frozenset[str]()
    letter = Atom(writer.fresh("B"), B.rows, B.cols, facts=facts)
    letters[letter] = B
    return letter


def _is_plain(B: Combination, made: set[str]) -> bool:
    """Whether a form has only what was declared: nothing that a later stage gave a name."""
    parts = constituents([*B.terms.values(), *B.terms])
    return all(isinstance(p, Dimension | Parameter | Atom) and p.name not in made for p in parts)

"""Letters are canonical, facts imply facts, and random models modulo a prime have exactly the facts declared."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from fpt_calc.expr import (
    FACTS,
    Adjoint,
    Atom,
    EntrywiseConjugate,
    Expr,
    Inverse,
    Operation,
    PrimeModel,
    SquareRoot,
    Tr,
    Transpose,
    UnluckyModelError,
    compose,
    conjugate_letter,
    evaluate,
    identity,
    letter,
    tau,
    try_models,
)
from fpt_calc.scalars import IMAGINARY_UNIT, ONE, scalar, square_root
from tests.expressions import (
    ALL,
    A,
    H,
    M,
    S,
    U,
    W,
    X,
    Z,
    d,
    known,
    lam,
    n,
    w,
    z,
)

law = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
OPERATIONS: tuple[Operation, ...] = ("", "T", "H", "conj")
NODES: dict[Operation, Callable[[Any], Expr]] = {
    "": lambda x: x,
    "T": Transpose,
    "H": Adjoint,
    "conj": EntrywiseConjugate,
}


# letters and facts --------------------------------------------------------------------------------------------------

SQUARE_FACTS = [
    facts
    for size in range(3)
    for facts in itertools.combinations(FACTS, size)
    if not ("orthogonal" in facts and {"psd", "pd", "projection"} & set(facts))
]


def _applied(x: Any, operation: Operation) -> Any:
    transposed = (x.value.transpose(), x.conjugate.transpose())
    return {"": x.value, "T": transposed[0], "H": transposed[1], "conj": x.conjugate}[operation]


@pytest.mark.parametrize("entries", ["real", "complex"])
@pytest.mark.parametrize("facts", SQUARE_FACTS, ids=lambda f: "+".join(f) or "none")
def test_letters_are_equal_exactly_if_the_matrices_are(facts: tuple[str, ...], entries: str) -> None:
    atom = known("Y", d, d, *facts, entries=entries)
    bases = [atom, SquareRoot(atom)] if "psd" in atom.facts else [atom]

    def check(model: PrimeModel) -> None:
        for base in bases:
            x = evaluate(base, model)
            for first, second in itertools.product(OPERATIONS, repeat=2):
                equal = _applied(x, first) == _applied(x, second)
                assert (letter(base, first) == letter(base, second)) == equal
            for operation in OPERATIONS:
                assert evaluate(letter(base, operation).expression, model).value == _applied(x, operation)

    try_models(check, seed=5)


@pytest.mark.parametrize(
    ("atom", "canonical"),
    [
        (X, ("", "T", "T", "")),
        (Z, ("", "T", "H", "conj")),
        (W, ("", "", "", "")),
        (ALL[-1], ("", "T", "", "T")),
        (S, ("", "", "", "")),
        (H, ("", "T", "", "T")),
        (M, ("", "", "", "")),
        (known("N", d, d, "symmetric", entries="complex"), ("", "", "H", "H")),
        (known("K", d, d, "symmetric", "hermitian", entries="complex"), ("", "", "", "")),
        (U, ("", "T", "H", "conj")),
        (w, ("", "T", "T", "")),
    ],
)
def test_canonical_letters(atom: Atom, canonical: tuple[Operation, ...]) -> None:
    assert tuple(letter(atom, operation).operation for operation in OPERATIONS) == canonical
    for operation in OPERATIONS:
        found = letter(atom, operation)
        assert found.expression.shape == (found.rows, found.cols) == NODES[operation](atom).shape
        assert found.atom == atom
        assert found.is_random == atom.is_random
        for further in OPERATIONS:
            assert conjugate_letter(found, further) == letter(atom, compose(further, operation))


@pytest.mark.parametrize(
    ("given_facts", "entries", "implied"),
    [
        ("", "real", ""),
        ("symmetric", "real", "symmetric hermitian"),
        ("hermitian", "real", "symmetric hermitian"),
        ("symmetric", "complex", "symmetric"),
        ("hermitian", "complex", "hermitian"),
        ("psd", "real", "psd symmetric hermitian"),
        ("psd", "complex", "psd hermitian"),
        ("pd", "complex", "pd psd hermitian"),
        ("pd", "real", "pd psd symmetric hermitian"),
        ("projection", "real", "projection psd symmetric hermitian"),
        ("projection", "complex", "projection psd hermitian"),
        ("orthogonal", "real", "orthogonal"),
        ("orthogonal symmetric", "real", "orthogonal symmetric hermitian"),
    ],
)
def test_facts_imply_facts(given_facts: str, entries: str, implied: str) -> None:
    assert known("Y", d, d, *given_facts.split(), entries=entries).facts == frozenset(implied.split())


@pytest.mark.parametrize("entries", ["real", "complex"])
@pytest.mark.parametrize("facts", SQUARE_FACTS, ids=lambda f: "+".join(f) or "none")
def test_models_have_the_facts(facts: tuple[str, ...], entries: str) -> None:
    Y = known("Y", d, d, *facts, entries=entries)
    identities: dict[str, tuple[Expr, Expr]] = {
        "symmetric": (Y.T, Y),
        "hermitian": (Y.H, Y),
        "projection": (Y @ Y, Y),
        "orthogonal": (Y.H @ Y, identity(d)),
    }
    if "psd" in Y.facts:
        root = SquareRoot(Y)
        identities |= {"psd": (root @ root, Y), "pd": (root.H, root)}

    def residues(model: PrimeModel, x: Expr) -> tuple[Any, Any]:
        value = evaluate(x, model)
        return value.value, value.conjugate

    def check(model: PrimeModel) -> None:
        for fact in Y.facts:
            left, right = identities[fact]
            assert residues(model, left) == residues(model, right)
        assert (residues(model, EntrywiseConjugate(Y)) == residues(model, Y)) == (
            entries == "real" or {"symmetric", "hermitian"} <= Y.facts
        )
        for fact in {"symmetric", "projection", "orthogonal"} - Y.facts:  # and no more than the facts
            left, right = identities[fact]
            assert residues(model, left) != residues(model, right) or model.size(d) == 1

    for seed in range(1, 4):
        try_models(check, seed=seed, sizes=(3, 4))


def test_models_of_scalars() -> None:
    roots = [square_root(scalar(k)) for k in (2, 3, 5, 30, 31)] + [square_root(lam), square_root(n), IMAGINARY_UNIT]
    model = PrimeModel(4)  # the first one: none of these is ever unlucky
    for root in roots:
        assert model.scalar(root) ** 2 == model.scalar(root**2)
    assert model.scalar(z.conjugate()) != model.scalar(z)
    assert model.scalar(tau(2 * identity(d))) == 2
    assert model.scalar(Tr(A)) == model.scalar(d) * model.tau(evaluate(A, model).value)
    assert model.size(ONE * 7) == 7
    with pytest.raises(UnluckyModelError):
        model.scalar(1 / (n - int(model.scalar(n))))
    with pytest.raises(UnluckyModelError):
        evaluate(Inverse(A - A), model)

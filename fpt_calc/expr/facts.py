"""Facts about deterministic (and Wigner) matrices, and what they imply."""

from __future__ import annotations

from fpt_calc.errors import InputError

FACTS = ("symmetric", "hermitian", "psd", "pd", "projection", "orthogonal")

_IMPLIED = {"pd": {"psd"}, "psd": {"hermitian"}, "projection": {"psd", "hermitian"}}


def closure(facts: frozenset[str], entries: str) -> frozenset[str]:
    """All facts implied by the given ones; real hermitian is symmetric and conversely.

    ``orthogonal`` means ``O.T @ O == 1`` for real and ``U.H @ U == 1`` for complex entries; ``projection`` means an
    orthogonal projection.

    >>> sorted(closure(frozenset({"psd"}), "real"))
    ['hermitian', 'psd', 'symmetric']
    """
    result = set(facts)
    for fact in ("projection", "pd", "psd"):
        if fact in result:
            result |= _IMPLIED[fact]
    if entries == "real" and result & {"symmetric", "hermitian"}:
        result |= {"symmetric", "hermitian"}
    if {"orthogonal", "psd"} <= result:
        raise InputError("a matrix that is both orthogonal and psd is the identity", remedy="use the number 1 instead")
    return frozenset(result)

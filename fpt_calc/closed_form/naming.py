"""The customary names of parameters: kappa, theta, e; a target that is itself a parameter keeps its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from fpt_calc.closed_form.coordinates import Coordinates, OrderParameter
from fpt_calc.closed_form.polynomials import degree, primitive
from fpt_calc.expr import Trace, map_scalars, map_traces
from fpt_calc.reduce import names_in
from fpt_calc.scalars import Generator, Scalar, generator_scalar, numerator, substitute
from fpt_calc.system import FixedPointSystem, Unknown


class Names:
    """What is taken, and which unknowns are targets up to a factor."""

    def __init__(self, system: FixedPointSystem) -> None:
        self.taken = names_in(system)
        declared = names_in(replace(system, outputs={}))
        self.targets: dict[Unknown, tuple[str, Scalar]] = {}
        for name, value in system.outputs.items():
            unknowns = [g for g in value.gens if isinstance(g, Unknown)]
            if len(unknowns) == 1 and not any(isinstance(g, Trace) for g in value.gens):
                factor = value / generator_scalar(unknowns[0])
                if unknowns[0] not in factor.gens and name not in declared:
                    self.targets.setdefault(unknowns[0], (name, factor))


def renamed(draft: Coordinates, new: Sequence[OrderParameter], names: Names) -> Coordinates:
    """The coordinates with customary names for the new parameters."""
    images: dict[Unknown, Scalar] = {}
    used = {p.symbol.name for p in draft.parameters if p not in new}
    wanted = {p.symbol: _customary(p, draft) for p in new}
    several = {w for w, count in Counter(wanted.values()).items() if count > 1}
    for parameter in new:
        symbol = parameter.symbol
        if symbol in names.targets:
            name, factor = names.targets[symbol]
            images[symbol] = generator_scalar(Unknown(name)) / factor
        else:
            base = wanted[symbol]
            options = ([] if base in several else [base]) + [f"{base}{k}" for k in range(1, 100)]
            name = next(n for n in options if n not in names.taken and n not in used)
            images[symbol] = generator_scalar(Unknown(name))
        used.add(name)

    def rename(value: Scalar) -> Scalar:
        return substitute(map_traces(value, lambda e: map_scalars(e, lambda c: substitute(c, images))), images)

    def polynomial(value: Scalar) -> Scalar:
        return primitive(numerator(rename(value)), lambda g: not isinstance(g, Trace | Unknown))

    return Coordinates(
        tuple(_renamed(p, images) for p in draft.parameters),
        tuple(polynomial(r) for r in draft.relations),
        {_only(rename(generator_scalar(g))): rename(v) for g, v in draft.dependent.items()},
        tuple((_symbol(images.get(s), s), polynomial(r)) for s, r in draft.algebraic),
        {u: rename(v) for u, v in draft.unknowns.items()}
        | {p.symbol: images[p.symbol] for p in new if p.meaning == generator_scalar(p.symbol)},
        draft.groups,
        draft.taken,
    )


def _renamed(parameter: OrderParameter, images: dict[Unknown, Scalar]) -> OrderParameter:
    """The parameter under its new name; a target times a factor means that multiple of the unknown."""
    image = images.get(parameter.symbol)
    if image is None:
        return parameter
    symbol = _symbol(image, parameter.symbol)
    scale = generator_scalar(symbol) / image
    return replace(parameter, symbol=symbol, meaning=parameter.meaning * scale)


def _symbol(image: Scalar | None, old: Unknown) -> Unknown:
    return old if image is None else next(g for g in image.gens if isinstance(g, Unknown))


def _only(value: Scalar) -> Generator:
    return value.gens[0]


def _customary(parameter: OrderParameter, draft: Coordinates) -> str:
    """kappa for a resolvent's argument, theta where its equation is not linear in traces, e for what remains."""
    if parameter.meaning == generator_scalar(parameter.symbol):
        return "e"
    relations = [r for r in draft.relations if parameter.symbol in r.gens]
    degrees = [sum(degree(r, g) for g in r.gens if isinstance(g, Trace)) for r in relations]
    return "theta" if max(degrees, default=0) > 1 else "kappa"

"""The setting of a theorem: matrices and their laws, scalars, dimensions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fpt_calc.ensembles import Gaussian, Wigner
from fpt_calc.export.latex import bracketed, in_line, inline, latex, scalar_formula
from fpt_calc.export.matrices import coefficient_latex
from fpt_calc.export.notation import Notation
from fpt_calc.expr import Atom, Expr, constituents
from fpt_calc.scalars import ONE, Dimension, Generator, Parameter, Scalar, is_fixed, is_sum

_FACTS = {
    "projection": "a projection",
    "orthogonal": "orthogonal",
    "pd": "positive definite",
    "psd": "positive semidefinite",
    "symmetric": "symmetric",
    "hermitian": "Hermitian",
}
_KINDS = {
    "positive": "{}>0",
    "nonnegative": r"{}\ge0",
    "fraction": r"{}\in[0,1]",
    "upper": r"{{\operatorname{{Im}}{}>0}}",
    "real": r"{}\in\mathbb R",
    "complex": r"{}\in\mathbb C",
    "integer": r"{}\in\mathbb Z",
    "generations": r"{}\in\{{0,1,2,\dots\}}",
}


def setting(known: Notation) -> str:
    """The paragraph in which everything that the theorem mentions is introduced."""
    parts = list(constituents(known.law.targets.values()))
    found = _atoms(parts)
    random = [_random(a, a.law) for a in found if a.law is not None]
    sentences = [*random, *deterministic_sentences([a for a in found if a.law is None])]
    names = [f"{latex(atom)}={latex(definition)}" for atom, definition in known.resolvents]
    names += [s for s in (scalar_condition(p) for p in parts if isinstance(p, Parameter)) if s]
    if names:
        sentences.append(f"{', '.join(f'${s}$' for s in names)}.")
    return r"\paragraph{Setting.} " + "\n".join([*sentences, _limit(known, found)])


def _limit(known: Notation, found: list[Atom]) -> str:
    dims = {g.name: g for a in found for d in a.shape for g in d.gens if isinstance(g, Dimension)}
    names = ",".join(latex(g) for g in dims.values())
    together = rf"${names}\to\infty$" + (" at fixed ratios" if len(dims) > 1 else "")
    bounded = [latex(a) for a in found if a.law is None and not ("projection" in a.facts or "orthogonal" in a.facts)]
    norms = ",".join(rf"\|{b}\|" for b in bounded)
    text = together + (rf" with ${norms}$ bounded" if bounded else "")
    return text + r". $\ntr=\tfrac1{\dim}\tr$, and $a\simeq b$ means $a-b\to0$."


def _atoms(parts: Iterable[Generator | Atom]) -> list[Atom]:
    """All matrices, those in laws included; random ones first."""
    return sorted((a for a in parts if isinstance(a, Atom)), key=lambda a: (a.law is None, a.name))


def scalar_condition(parameter: Parameter) -> str:
    """Where a scalar lies, such as ``lam > 0``; empty where its kind is not printed."""
    return _KINDS.get(parameter.kind, "").format(latex(parameter))


def _shape(atom: Atom) -> str:
    field = r"\mathbb R" if atom.entries == "real" else r"\mathbb C"
    rows, cols = (dimension_latex(d) for d in atom.shape)
    return field + (f"^{rows}" if cols == "1" and len(rows) == 1 else rf"^{{{rows}\times {cols}}}")


def dimension_latex(value: Scalar) -> str:
    """A dimension as it stands in the shape of a matrix."""
    formula = scalar_formula(value)
    return inline(formula) if len(formula.terms) == 1 else bracketed(inline(formula))


def _random(atom: Atom, law: object) -> str:
    shape = rf"${latex(atom)}\in{_shape(atom)}$"
    match law:
        case Gaussian(variance=s2, field=field, row_covariance=row, covariance=column):
            normal = "N" if field == "real" else r"N_{\mathbb C}"
            if row is None and column is None:
                return rf"{shape} has independent ${normal}(0,{in_line(s2)})$ entries."
            if row is None and column is not None:
                return rf"{shape} has independent rows ${normal}(0,{_multiple(s2, latex(column), column)})$."
            if column is None and row is not None:
                return rf"{shape} has independent columns ${normal}(0,{_multiple(s2, latex(row), row)})$."
            assert row is not None
            assert column is not None
            sides = rf"row covariance ${latex(row)}$ and column covariance ${_multiple(s2, latex(column), column)}$"
            return f"{shape} is centred Gaussian with {sides}."
        case Wigner(variance=s2, field=field):
            name = "the Gaussian orthogonal ensemble" if field == "real" else "the Gaussian unitary ensemble"
            return rf"{shape} is of {name}, with off-diagonal variance ${in_line(s2)}$."
    return f"{shape} is random."


def _multiple(variance: Scalar, matrix: str, expr: Expr) -> str:
    """``Sigma/n``, or the variance in front."""
    if variance.num == 1 and not is_sum(1 / variance):
        body = matrix if isinstance(expr, Atom) else bracketed(matrix)
        return f"{body}/{inline(1 / variance)}" if variance != ONE else matrix
    return coefficient_latex(variance, matrix if isinstance(expr, Atom) else bracketed(matrix))


def deterministic_sentences(found: list[Atom]) -> Iterator[str]:
    """One sentence for the matrices of each shape."""
    for shape in dict.fromkeys(_shape(a) for a in found):
        group = [a for a in found if _shape(a) == shape]
        facts = [(latex(a), next((_FACTS[f] for f in _FACTS if f in a.facts), "")) for a in group]
        kinds = list(dict.fromkeys(kind for _, kind in facts if kind))
        names = ",".join(name for name, _ in facts)
        verb = "is" if len(group) == 1 else "are"
        if len(kinds) == 1 and all(kind for _, kind in facts):
            words = f"deterministic and {kinds[0]}"
        else:
            told = [f"${','.join(n for n, k in facts if k == kind)}$ {kind}" for kind in kinds]
            words = ", ".join(["deterministic", *told])
        general = [a for a in group if not (is_fixed(a.rows) or is_fixed(a.cols))]
        free = "; they need not commute" if len(general) > 1 and len(general) == len(group) else ""
        yield rf"${names}\in{shape}$ {verb} {words}{free}."

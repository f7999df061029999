"""Check a realization by exact random substitution modulo a prime; shares no code with its construction."""

from __future__ import annotations

from fpt_calc.expr import Expr, PrimeModel, evaluate, try_models
from fpt_calc.expr.modular import Matrix
from fpt_calc.pencil.realization import Realization
from fpt_calc.scalars import Scalar


def realization_is_correct(realization: Realization, expr: Expr, substitutions: int = 3) -> bool:
    """Whether ``u pencil^-1 v == expr`` in ``substitutions`` random models with their own dimensions."""
    return all(
        try_models(lambda model: _residual_vanishes(model, realization, expr), seed=seed)
        for seed in range(1, substitutions + 1)
    )


def _residual_vanishes(model: PrimeModel, realization: Realization, expr: Expr) -> bool:
    import flint

    sizes = [model.size(d) for d in realization.dims]
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    total = sum(sizes)
    entries = [[0] * total for _ in range(total)]

    def place(i: int, j: int, coefficient: Scalar, block: Matrix) -> None:
        c = int(model.scalar(coefficient))
        for r, row in enumerate(block.tolist()):
            for s, value in enumerate(row):
                entries[starts[i] + r][starts[j] + s] += c * int(value)

    for (i, j), c in realization.constant.items():
        place(i, j, c, model.identity(sizes[i]))
    for x, matrix in realization.letters.items():
        definition = realization.opaque.get(x.atom)
        base = evaluate(definition, model) if definition is not None else evaluate(x.base, model)
        block = {"": base.value, "conj": base.conjugate, "T": base.value.transpose(), "H": base.conjugate.transpose()}
        for (i, j), c in matrix.items():
            place(i, j, c, block[x.operation])
    value = evaluate(expr, model).value
    if not sizes or not realization.u or not realization.v:
        return all(int(x) == 0 for x in value.entries())
    solved = flint.nmod_mat(total, total, [x for row in entries for x in row], value.modulus())
    columns = model.size(realization.cols)
    right = [[0] * columns for _ in range(total)]
    for i, c in realization.v.items():
        for k in range(columns):
            right[starts[i] + k][k] = int(model.scalar(c))
    solution = solved.solve(flint.nmod_mat(total, columns, [x for row in right for x in row], value.modulus()))
    table = solution.tolist()
    rows = model.size(realization.rows)
    for r in range(rows):
        for s in range(columns):
            got = sum(int(model.scalar(c)) * int(table[starts[i] + r][s]) for i, c in realization.u.items())
            if (got - int(value[r, s])) % value.modulus():
                return False
    return True

"""The limit against noncrossing moments: both as formal series in the variance, modulo a prime."""

from __future__ import annotations

from fpt_calc.derivation import LimitLaw
from fpt_calc.expr import PrimeModel, UnluckyModelError
from fpt_calc.oracles import target_series
from fpt_calc.oracles.leaves import atoms_behind
from fpt_calc.scalars import Dimension, Scalar, generator_scalar, is_fixed, scalar
from fpt_calc.solve import formal_series

MODELS = 20
SEED = 100


def moments_agree(law: LimitLaw, order: int) -> bool | None:
    """Whether the formal solution has the moments of all targets, in the first random model without a pole.

    The moments are sums over noncrossing pairings of the targets as declared.  Returns None where no model is without
    a pole, or none is known in which traces of the deterministic matrices may be rotated; raises `CannotDecideError`
    or `InputError` where there is no series in the variance.

    >>> from fpt_calc.derivation import derive_law
    >>> from fpt_calc.ensembles import Wigner
    >>> from fpt_calc.expr import Atom, tau
    >>> from fpt_calc.scalars import ONE, dimension
    >>> d = dimension("d")
    >>> W = Atom("W", d, d, law=Wigner(ONE / d))
    >>> moments_agree(derive_law({"m": tau(W @ W @ W @ W)}), order=4)
    True
    """
    rectangular = _rectangular_dimensions(law)
    plain = [g for dim in rectangular for g in dim.gens if isinstance(g, Dimension) and dim == generator_scalar(g)]
    for seed in range(SEED, SEED + MODELS):
        model = PrimeModel(seed)
        for dimension in plain:
            model.set_generator(dimension, model.scalar(scalar(model.size(generator_scalar(dimension)))))
        try:
            formal = formal_series(law.system, order, model)
            counted = {name: target_series(t, order, model) for name, t in law.targets.items()}
        except UnluckyModelError:
            continue
        equal = all([int(x) for x in formal[n]] == [int(x) for x in counted[n]] for n in law.targets)
        return equal or (False if len(plain) == len(rectangular) else None)
    return None


def _rectangular_dimensions(law: LimitLaw) -> list[Scalar]:
    """The growing dimensions of the deterministic matrices that are not square.

    The engine rotates traces, ``d*tau(A @ B) == n*tau(B @ A)``, which needs dimensions that are the sizes of matrices.
    """
    known = [a for a in atoms_behind(law.targets.values()) if not a.is_random and a.rows != a.cols]
    return sorted({dim for a in known for dim in a.shape if not is_fixed(dim)}, key=str)

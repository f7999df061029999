"""The limit against noncrossing moments: both as formal series in the variance, modulo a prime."""

from __future__ import annotations

from fpt_calc.derivation import LimitLaw
from fpt_calc.expr import PrimeModel, UnluckyModelError
from fpt_calc.oracles import target_series
from fpt_calc.solve import formal_series

MODELS = 20
SEED = 100


def moments_agree(law: LimitLaw, order: int) -> bool | None:
    """Whether the formal solution has the moments of all targets, in the first random model without a pole.

    The moments are sums over noncrossing pairings of the targets as declared.  Returns None where no model is without
    a pole; raises `CannotDecideError` or `InputError` where there is no series in the variance.

    >>> from fpt_calc.derivation import derive_law
    >>> from fpt_calc.ensembles import Wigner
    >>> from fpt_calc.expr import Atom, tau
    >>> from fpt_calc.scalars import ONE, dimension
    >>> d = dimension("d")
    >>> W = Atom("W", d, d, law=Wigner(ONE / d))
    >>> moments_agree(derive_law({"m": tau(W @ W @ W @ W)}), order=4)
    True
    """
    for seed in range(SEED, SEED + MODELS):
        model = PrimeModel(seed)
        try:
            formal = formal_series(law.system, order, model)
            counted = {name: target_series(t, order, model) for name, t in law.targets.items()}
        except UnluckyModelError:
            continue
        return all([int(x) for x in formal[n]] == [int(x) for x in counted[n]] for n in law.targets)
    return None

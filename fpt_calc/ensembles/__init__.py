"""The laws of random matrices, one file per law (floor 3).

To add a law: a file with a frozen dataclass that implements `fpt_calc.expr.Law`, its name here and in
`fpt_calc/problem` (where problem files name laws), and one row in the table of `tests/test_laws.py`.
"""

from fpt_calc.ensembles.gaussian import Gaussian
from fpt_calc.ensembles.psd import is_psd
from fpt_calc.ensembles.support import psd_factor
from fpt_calc.ensembles.wigner import Wigner
from fpt_calc.ensembles.wishart import wishart
from fpt_calc.scalars import is_nonnegative

__all__ = ["Gaussian", "Wigner", "is_nonnegative", "is_psd", "psd_factor", "wishart"]

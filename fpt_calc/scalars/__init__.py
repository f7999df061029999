"""The exact commutative field of coefficients, and dimensions, which are scalars too (floor 1)."""

from fpt_calc.scalars.dimensions import as_dimension, dimension, grows, is_fixed
from fpt_calc.scalars.evaluate import evaluate_scalar, generators_of
from fpt_calc.scalars.field import (
    IMAGINARY_UNIT,
    ONE,
    ZERO,
    Generator,
    ImaginaryUnit,
    Scalar,
    ScalarLike,
    canonical,
    denominator,
    from_polynomial,
    generator_scalar,
    numerator,
    ring,
    scalar,
)
from fpt_calc.scalars.generators import KINDS, Conjugate, Dimension, Kind, Parameter, without_conjugate
from fpt_calc.scalars.roots import Root, square_root
from fpt_calc.scalars.sign import is_nonnegative
from fpt_calc.scalars.sparse import accumulate
from fpt_calc.scalars.substitute import substitute
from fpt_calc.scalars.text import is_sum, ordered_terms, scalar_text, signed_parts

__all__ = [
    "IMAGINARY_UNIT",
    "KINDS",
    "ONE",
    "ZERO",
    "Conjugate",
    "Dimension",
    "Generator",
    "ImaginaryUnit",
    "Kind",
    "Parameter",
    "Root",
    "Scalar",
    "ScalarLike",
    "accumulate",
    "as_dimension",
    "canonical",
    "denominator",
    "dimension",
    "evaluate_scalar",
    "from_polynomial",
    "generator_scalar",
    "generators_of",
    "grows",
    "is_fixed",
    "is_nonnegative",
    "is_sum",
    "numerator",
    "ordered_terms",
    "ring",
    "scalar",
    "scalar_text",
    "signed_parts",
    "square_root",
    "substitute",
    "without_conjugate",
]

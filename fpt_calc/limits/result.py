"""Limits and expansions as the user holds them: cases with conditions, each with its formulas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from fpt_calc.formula import Formula, polynomial_formula
from fpt_calc.limits.branches import Branch
from fpt_calc.limits.series import Series
from fpt_calc.limits.setting import Approach
from fpt_calc.scalars import Scalar, generator_scalar, numerator


@dataclass(frozen=True)
class FractionalPower:
    """A power with an exponent such as 1/3, as a generator for print."""

    name: str

    @property
    def square(self) -> None:
        return None

    def conjugate(self) -> Scalar:
        return generator_scalar(self)


def power(small: Scalar, exponent: Fraction) -> Scalar:
    """``small**exponent`` as a scalar that prints well."""
    whole, rest = divmod(abs(exponent), 1)
    result = small**whole
    if rest:
        base = 1 / small if numerator(small) == 1 else small
        name = f"sqrt({base})" if rest == Fraction(1, 2) else f"({base})**({rest})"
        root = generator_scalar(FractionalPower(name))
        result = result * (root if base == small else 1 / root)
    return result if exponent >= 0 else 1 / result


@dataclass(frozen=True)
class Expansion:
    """``terms[0] + terms[1] + ... + O(small**remainder)``

    Attributes
    ----------
    exponents : of the small quantity in each term.
    terms : the terms, powers of the small quantity included.
    remainder : the exponent of what follows; None if the expansion is exact.
    small : the small quantity, such as lam or 1/n.
    """

    exponents: tuple[Fraction, ...]
    terms: tuple[Formula, ...]
    remainder: Fraction | None
    small: Scalar

    @property
    def limit(self) -> Formula | None:
        """The limit; None where there is no finite one."""
        if not self.terms or self.exponents[0] > 0:
            return Formula(())
        return self.terms[0] if self.exponents[0] == 0 else None

    def __str__(self) -> str:
        text = str(self.terms[0]) if self.terms else "0" if self.remainder is None else ""
        for term in self.terms[1:]:
            part = str(term)
            text += f" - {part[1:]}" if part.startswith("-") else f" + {part}"
        if self.remainder is None:
            return text
        order = f"O({polynomial_formula(power(self.small, self.remainder))})"
        return f"{text} + {order}" if text else order


@dataclass(frozen=True)
class LimitCase:
    """A limit in one region of the dimensions.

    Attributes
    ----------
    condition : the region, such as ``d < n``; empty where there is one case only.
    requires : matrices that have to be invertible for it.
    parameters : the parameters as Python text: their expansion, or the equation of their limit.
    values : the expansion of each target.
    where : the abbreviations that occur, as Python text.
    branch : the exact data of the parameter; None without a parameter.
    series : the exact data of the values, in powers of the small quantity.
    """

    condition: str
    requires: tuple[str, ...]
    parameters: tuple[str, ...]
    values: Mapping[str, Expansion]
    where: tuple[str, ...]
    branch: Branch | None = field(default=None, repr=False)
    series: Mapping[str, Series] = field(default_factory=dict, repr=False)

    def __getitem__(self, name: str) -> Expansion:
        return self.values[name]

    def lines(self) -> list[str]:
        """The case as text, without its condition."""
        lines = [f"{name} = {value}" for name, value in self.values.items()]
        lines += self.parameters + self.where
        return lines

    def heading(self) -> str:
        """The condition with what it requires."""
        parts = [f"if {self.condition}"] if self.condition else []
        if self.requires:
            parts.append(f"with {' and '.join(self.requires)} invertible")
        return ", ".join(parts)


@dataclass(frozen=True)
class LimitResult:
    """What targets tend to, by cases.

    Attributes
    ----------
    approach : what tends to its limit.
    cases : the regions with their formulas.
    undecided : conditions that are left out, with the reason.
    """

    approach: Approach
    cases: tuple[LimitCase, ...]
    undecided: tuple[str, ...] = ()

    def __getitem__(self, condition: str) -> LimitCase:
        """The case with this condition, written as it is printed."""
        return next(c for c in self.cases if c.condition == condition)

    def __str__(self) -> str:
        return "\n".join([str(self.approach), *(f"  {line}" for line in self.lines())])

    def lines(self) -> list[str]:
        """The cases as text."""
        lines: list[str] = []
        for case in self.cases:
            heading = case.heading()
            lines += [heading] if heading else []
            lines += [f"  {line}" if heading else line for line in case.lines()]
        return lines + [f"not decided: {line}" for line in self.undecided]

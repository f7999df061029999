"""Constants of scaling laws as text."""

from __future__ import annotations

import sympy

from fpt_calc.scaling.shown.constants_form import Base, Domain, Product, Total, constant_form


def constant_text(value: sympy.Expr, domain: Domain | None = None) -> str:
    """A constant in Python syntax, short, with positive factors where they are known; see `constant_form`.

    >>> beta, r, b = sympy.symbols("beta r b", positive=True)
    >>> constant_text(-sympy.pi * b * (2 * r - 1) / (beta * sympy.sin(2 * sympy.pi * r)))
    'pi*b*(1 - 2*r)/(beta*sin(2*pi*r))'
    >>> constant_text((b / (2 * beta)) ** (1 / (-2 - 1 / beta)))
    '(2*beta/b)**(beta/(2*beta + 1))'
    """
    return total_text(constant_form(value, domain))


def total_text(value: Total) -> str:
    """The text of a sum."""
    text = "".join(f" {'-' if t.coefficient < 0 else '+'} {product_text(t)}" for t in value.terms)
    if not text:
        return "0"
    return text[3:] if text.startswith(" + ") else f"-{text[3:]}"


def product_text(value: Product) -> str:
    """The text of a product without its sign, one fraction."""
    above, below = halves(value)
    number = abs(value.coefficient)
    top = [str(number.numerator)] if number.numerator != 1 or not above else []
    top += [_power_text(b, e) for b, e in above]
    bottom = [str(number.denominator)] if number.denominator != 1 else []
    bottom += [_power_text(b, e) for b, e in below]
    if not bottom:
        return "*".join(top)
    divisor = bottom[0] if len(bottom) == 1 else f"({'*'.join(bottom)})"
    return f"{'*'.join(top)}/{divisor}"


def halves(value: Product) -> tuple[list[tuple[Base, sympy.Expr]], list[tuple[Base, sympy.Expr]]]:
    """Numerator and denominator, into which go powers with negative integers as exponents."""
    below = [(b, -e) for b, e in value.factors if e.is_Integer and e < 0]
    return [(b, e) for b, e in value.factors if not (e.is_Integer and e < 0)], below


def _power_text(base: Base, exponent: sympy.Expr) -> str:
    text = base_text(base)
    if exponent == 1:
        return text
    if exponent == sympy.Rational(1, 2):
        return f"sqrt{text}" if text.startswith("(") else f"sqrt({text})"
    shown = total_text(constant_form(exponent))
    return f"{text}**{shown if shown.isalnum() else f'({shown})'}"


def base_text(base: Base) -> str:
    """The text of a factor, sums and products in parentheses."""
    match base:
        case Total():
            return f"({total_text(base)})"
        case Product():
            return f"({product_text(base)})"
        case sympy.Sum():
            ((k, low, high),) = base.limits
            return f"sum({constant_text(base.function)}, {k}={low}..{high})"
        case _ if base.args:
            arguments = ", ".join(constant_text(a) for a in base.args)
            return f"{base.func.__name__}({arguments})"
    return str(base)


def power_of(size: str, exponent: str, prefactor: str = "") -> str:
    """``prefactor*size**(exponent)``, short where the exponent is 0 or 1.

    >>> power_of("T", "-2*ell", "C"), power_of("T", "0"), power_of("T", "1")
    ('C*T**(-2*ell)', '1', 'T')
    """
    if exponent == "0":
        return prefactor or "1"
    shown = exponent if exponent.isalnum() else f"({exponent})"
    power = size if exponent == "1" else f"{size}**{shown}"
    return f"{prefactor}*{power}" if prefactor else power

r"""Which declared name a symbol stands for: ``\Sigma_1``, ``w_\star``, ``\mathrm{df}_2``, ``\hat\Sigma``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import product

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa mu nu xi pi rho sigma tau upsilon phi chi psi omega "
    "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
_VARIANTS = ("epsilon", "theta", "pi", "rho", "sigma", "phi", "kappa")
COMMANDS: dict[str, tuple[str, ...]] = {  # the spellings of a command in declared names
    **{name: (name,) for name in (*_GREEK.split(), "ell")},
    **{f"var{name}": (f"var{name}", name) for name in _VARIANTS},
    "lambda": ("lam", "lambd"),
    "df": ("df",),
}
SUBSCRIPT_SIGNS = {"star": "star", "ast": "star", "perp": "perp", "infty": "infty", "parallel": "parallel"}
ACCENTS = {"overline": "bar", "widehat": "hat", "widetilde": "tilde"}
BOLD = ("mathbf", "boldsymbol", "bm")
MAX_PARTS = 6
_SHOWN = 8


@dataclass(frozen=True)
class Symbol:
    """A symbol as it is written.

    Attributes
    ----------
    bases : the spellings of its letter in declared names.
    accents, subscripts : their spellings, such as "hat" and "star".
    style : "plain", "bold" or "word".
    """

    bases: tuple[str, ...]
    accents: tuple[str, ...] = ()
    subscripts: tuple[str, ...] = ()
    style: str = "plain"

    def names(self) -> list[str]:
        r"""The declared names that this symbol could stand for, those of the first spelling before the others.

        >>> Symbol(("w",), (), ("0",)).names()
        ['w_0', 'w0']
        >>> Symbol(("Sigma",), ("hat",), ("1",)).names()
        ['Sigma_hat_1', 'Sigma_hat1', 'Sigma_1_hat', 'Sigma1_hat']
        """
        found: list[str] = []
        for base in self.bases:
            orders = dict.fromkeys(((*self.accents, *self.subscripts), (*self.subscripts, *self.accents)))
            for parts in orders:
                found += [name for name in _joined(base, parts) if name not in found]
        return found

    def declared(self, names: Iterable[str]) -> list[str]:
        """The declared names it stands for: one if it is understood, several if it is ambiguous."""
        known = set(names)
        found = [name for name in self.names() if name in known]
        if self.bases[0].startswith("var"):  # \varphi is varphi if that is declared, otherwise phi
            first = [name for name in replace(self, bases=self.bases[:1]).names() if name in known]
            return first or found
        return found


def _joined(base: str, parts: tuple[str, ...]) -> list[str]:
    """Parts after ``_``; digits also directly behind what is no digit."""
    options = []
    for before, part in zip((base, *parts), parts, strict=False):
        glued = part[:1].isdigit() and not before[-1:].isdigit()
        options.append((f"_{part}", part) if glued else (f"_{part}",))
    return [base + "".join(choice) for choice in product(*options)]


def near(symbol: Symbol, names: Iterable[str]) -> str:
    """The remedy for a symbol that is no declared name: the names close to it, or what is declared."""
    declared = sorted(names)
    wanted = symbol.names()
    close = list(dict.fromkeys(c for name in wanted[:4] for c in get_close_matches(name[:60], declared, 4, 0.6)))
    same = [n for n in declared if any(n.lower() == w.lower() for w in wanted)]
    if close or same:
        return f"did you mean {' or '.join(dict.fromkeys((*same, *close)))}?"
    if not declared:
        return f"declare {wanted[0]}"
    shown = ", ".join(n[:40] for n in declared[:_SHOWN]) + (", ..." if len(declared) > _SHOWN else "")
    return f"declare {wanted[0]}; the declared names are {shown}"

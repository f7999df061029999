"""`verify`: all checks of a certificate, and the report of what they establish."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from fpt_calc.errors import InputError
from fpt_calc.verify.balls import check_balls
from fpt_calc.verify.certificate import Certificate, Matrix
from fpt_calc.verify.degrees import degree_bounds
from fpt_calc.verify.identities import MODELS, Refusal, Setting, check_realization, check_reduction, setting
from fpt_calc.verify.model import PRIME
from fpt_calc.verify.read import MAX_SIZE, read_certificate
from fpt_calc.verify.variety import check_closed_form

T = TypeVar("T")

CITED = (
    "the limit of a Gaussian pencil solves the Dyson equation, if variances are of order 1/dimension and deterministic "
    "matrices are bounded (Helton, Rashidi Far, Speicher 2007; Haagerup, Thorbjornsen 2005)",
)


@dataclass(frozen=True)
class Finding:
    """One statement: ``status`` is stated (what all is about), checked, cited, defined, absent or REFUSED."""

    status: str
    text: str

    def __str__(self) -> str:
        return f"{self.status}: {self.text}"


@dataclass(frozen=True)
class Report:
    """What is known of a certificate."""

    findings: tuple[Finding, ...]

    @property
    def accepted(self) -> bool:
        """Whether no statement was refused."""
        return all(f.status != "REFUSED" for f in self.findings)

    def __str__(self) -> str:
        return "\n".join(map(str, self.findings))


def verify(source: str | Path) -> Report:
    """Check a certificate, given as its JSON text or as the path of a file.

    Raises
    ------
    InputError
        for what is no certificate: not JSON, unknown, missing or duplicated keys, formulas that mean nothing.
    """
    try:
        return _verified(_text(source))
    except RecursionError:
        raise InputError("a formula that is too long", remedy="name its parts in definitions") from None


def _verified(text: str) -> Report:
    c = read_certificate(text)
    s = setting(c, int.from_bytes(hashlib.sha256(text.encode()).digest(), "big"))
    findings = [
        *_claims(c),
        _identity("realization: the targets are the stated traces of the inverse pencil", s, check_realization),
        _identity("Dyson system: the reduced equations imply G = (F - eta(G))^-1", s, check_reduction),
        _closed_form(s),
        *_balls(s),
        *(Finding("cited", line) for line in CITED),
    ]
    return Report(tuple(findings))


def _claims(c: Certificate) -> list[Finding]:
    """What is stated, for the reader."""
    lines = [_description(name, matrix) for name, matrix in c.problem.matrices.items()]
    lines += [f"{name} = {f.text}" for name, f in c.problem.targets.items()]
    if c.closed_form is not None:
        form = c.closed_form
        lines += [f"limit of {name} = {f.text}" for name, f in form.targets.items()]
        lines += [f"0 = {f.text}, {name} = {form.meanings[name].text}" for name, f in form.relations.items()]
        lines += [f"{name} = {f.text}" for name, f in form.definitions.items()]
    return [Finding("stated", line) for line in lines]


def _description(name: str, matrix: Matrix) -> str:
    what = [f"{name} is {matrix.shape[0].text} x {matrix.shape[1].text}", "real" if matrix.real else "complex"]
    law = matrix.law
    if law is None:
        return ", ".join([*what, "deterministic", *sorted(matrix.facts)])
    sides = {"variance": law.variance, "row covariance": law.row_covariance, "covariance": law.covariance}
    return ", ".join([*what, law.kind, *(f"{side} {f.text}" for side, f in sides.items() if f is not None)])


def _text(source: str | Path) -> str:
    if isinstance(source, str) and source.lstrip().startswith("{"):
        return source
    path = Path(source)
    try:
        if path.stat().st_size > MAX_SIZE:
            raise InputError("too long for a certificate", where=path.name, remedy=f"at most {MAX_SIZE} bytes")
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise InputError(f"cannot be read ({reason})", where=path.name[:80], remedy="give a JSON file") from None


def _attempt(what: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding("checked", f"{what}{check()}")
    except Refusal as refusal:
        return Finding("REFUSED", f"{what}; {refusal}")


def _identity(what: str, s: Setting, check: Callable[[Setting], None]) -> Finding:
    def work() -> str:
        check(s)
        return f" (modulo p in {MODELS} random models with blocks of sizes 2 to 4; {_bound(s, check.__name__)})"

    return _attempt(what, work)


def _bound(s: Setting, check: str) -> str:
    """degree/p to the number of models; shown as a power of ten."""
    degree = degree_bounds(s.certificate)[check]
    single = degree / PRIME
    if single >= 1:
        return "no bound on the error: the degree is too high"
    return f"wrong with probability below {single**MODELS:.0e}, the degree being at most {degree:.0e}"


def _closed_form(s: Setting) -> Finding:
    c = s.certificate
    form = c.closed_form
    if form is None:
        return _absent(c, "closed_form", "closed form")

    def work() -> str:
        check_closed_form(s, form)
        return f" (modulo p at {MODELS} random points of the relations; {_bound(s, 'check_closed_form')})"

    names = ", ".join(form.relations) or "no parameters"
    return _attempt(f"closed form in {names}: where the relations hold, it is the value and solves the equations", work)


def _absent(c: Certificate, part: str, what: str) -> Finding:
    reason = c.omitted.get(part)
    return Finding("absent", f"{what}: not certified" + (f" because {reason} (its author's words)" if reason else ""))


def _balls(s: Setting) -> list[Finding]:
    c = s.certificate
    if c.point is None:
        branch = "the solution meant is the continuation from zero variance: defined, not checked"
        return [_absent(c, "balls", "balls"), Finding("defined", branch)]
    point = c.point
    digits: list[str] = []

    def work() -> str:
        found = check_balls(s, point)
        digits.extend(
            f"{name} ({f'{n} digits' if n else 'zero within its radius'})" for name, n in found.digits.items()
        )
        return f" and the physical one: spectral radius of the covariance map < {found.radius:.4f}"

    first = _attempt("balls: the solution in the balls is unique there", work)
    if first.status == "REFUSED":
        return [first]
    return [first, Finding("checked", f"the balls contain {', '.join(digits)}")]

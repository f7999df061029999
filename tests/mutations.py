"""Every way in which one leaf, item or key of a certificate can be changed, for `test_verify`."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

Path = tuple[Any, ...]
CHOICES = {
    "field": ("real", "complex"),
    "law": ("gaussian", "wigner"),
    "kind": ("positive", "real", "complex", "upper", "fraction"),
    "operation": ("", "T", "H", "conj"),
    "fact": ("psd", "symmetric", "projection", "orthogonal"),
}


class Mutant(NamedTuple):
    """A changed certificate: where, from what, to what."""

    path: Path
    old: Any
    new: Any
    data: dict[str, Any]

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path))}: {self.old!r:.60} -> {self.new!r:.60}"


class Absent:
    """Stands for a key or an item that was removed."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()


def mutants(data: dict[str, Any]) -> Iterator[Mutant]:
    """All mutants of a certificate."""
    names = names_of(data)
    for path, value in _nodes(data, ()):
        for new in _changed(path, value, names, data):
            if new != value or type(new) is not type(value):
                yield _mutant(data, path, value, new)
        if isinstance(value, dict):
            for key in value:
                yield _mutant(data, (*path, key), value[key], ABSENT)
                yield _mutant(data, path, value, {(k if k != key else f"{k}_"): v for k, v in value.items()})
        if isinstance(value, list) and path[:2] != ("point", "matrices"):
            for k in range(len(value)):
                yield _mutant(data, path, value, value[:k] + value[k + 1 :])
                yield _mutant(data, path, value, [*value[:k], value[k], *value[k:]])


def _mutant(data: dict[str, Any], path: Path, old: Any, new: Any) -> Mutant:
    changed = copy.deepcopy(data)
    if not path:
        return Mutant(path, old, new, new)
    node = changed
    for key in path[:-1]:
        node = node[key]
    if new is ABSENT:
        del node[path[-1]]
    else:
        node[path[-1]] = new
    return Mutant(path, old, new, changed)


def _nodes(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    yield path, value
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _nodes(part, (*path, key))


def _changed(path: Path, value: Any, names: list[str], data: dict[str, Any]) -> Iterator[Any]:
    if isinstance(value, bool) or path[:1] in (("format",), ("version",), ("omitted",)):
        return
    if isinstance(value, int):
        size = len(data["pencil"]["states"])
        yield from ((value + 1) % size, (value + size - 1) % size) if path[0] != "point" else (value + 1, 2 * value)
    elif value is None:
        yield from (name for name in names if name in data["problem"]["matrices"])
    elif isinstance(value, str):
        yield from _changed_text(path, value, names)


def _changed_text(path: Path, text: str, names: list[str]) -> Iterator[str]:
    role = _role(path)
    if role in CHOICES:
        yield from CHOICES[role]
    elif role == "number":
        yield from (str(Fraction(text) * 2), str(Fraction(text) + 1), "0", "nan", f"-{text}")
    elif role == "radius":
        yield from ("0", str(Fraction(text) / 10**40), str(Fraction(text) * 10), f"-{text}")
    elif role == "name":
        yield from names
    else:
        yield from changed_formulas(text, names)


def _role(path: Path) -> str:
    if path[:2] == ("problem", "scalars"):
        return "kind"
    if path[-1] in ("field", "law", "radius"):
        return str(path[-1])
    if "facts" in path:
        return "fact"
    if path[0] in ("point", "balls"):
        return "number"
    if path[:2] == ("pencil", "random") and path[-1] in (3, 4):
        return "name" if path[-1] == 3 else "operation"
    if path[-1] == "letter" or (path[:2] == ("reduction", "self_energy") and path[-1] == 3) or "dims" in path:
        return "name"
    return "formula"


def changed_formulas(text: str, names: list[str]) -> Iterator[str]:
    """Formulas near a formula: another sign, factor, number or name, one transpose less, one more."""
    yield from (f"-({text})", f"2*({text})")
    for found in re.finditer(r"(?<![\w.])\d+(?!j)\b", text):
        yield text[: found.start()] + str(int(found.group()) + 1) + text[found.end() :]
    for found in re.finditer(r"[A-Za-z_]\w*(?!\w*\()", text):
        if found.group() in names:
            for other in names:
                yield text[: found.start()] + other + text[found.end() :]
            yield text[: found.end()] + ".T" + text[found.end() :]
    for found in re.finditer(r"\.[TH]\b", text):
        yield text[: found.start()] + text[found.end() :]
    for a, b in (("+", "-"), (" - ", " + "), ("tau(", "Tr("), ("conj(", "("), ("inv(", "(")):
        for found in re.finditer(re.escape(a), text):
            yield text[: found.start()] + b + text[found.end() :]


def names_of(data: dict[str, Any]) -> list[str]:
    """All names that a certificate declares."""
    problem, closed = data["problem"], data.get("closed_form") or {}
    tables = (problem["dims"], problem["scalars"], problem["matrices"], data["letters"], data["pencil"]["traces"])
    more = (data["reduction"]["unknowns"], closed.get("relations", ()), closed.get("definitions", ()))
    return [name for table in (*tables, *more) for name in table]

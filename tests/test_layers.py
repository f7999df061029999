"""The floors of the program (docs/architecture.md): a module imports from lower floors only.

The imports are read from the source, so those inside functions and under ``TYPE_CHECKING`` count like any other.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

PACKAGE = "fpt_calc"
TOP = "__init__"  # fpt_calc/__init__.py itself

FLOORS: Mapping[str, int] = {
    "errors": 0,
    "graphs": 1,
    "scalars": 1,
    "expr": 2,
    "formula": 2,
    "ensembles": 3,
    "pipeline": 3,
    "point": 3,
    "logic": 3,
    "assumptions": 4,
    "system": 3,
    "covariance": 4,
    "identities": 4,
    "notation": 4,
    "oracles": 4,
    "problem": 4,
    "training": 4,
    "verify": 4,
    "pencil": 5,
    "pipeline_file": 5,
    "spectral": 5,
    "balls": 6,
    "self_energy": 6,
    "certify": 7,
    "solve": 7,
    "reduce": 8,
    "closed_form": 9,
    "derivation": 10,
    "limits": 10,
    "equivalent": 11,
    "laws": 11,
    "scaling": 11,
    "claims": 12,
    "learning": 12,
    "collection": 13,
    "export": 13,
    "plot": 13,
    "api": 14,
    "cli": 15,
    TOP: 16,
}


def violations(root: Path, floors: Mapping[str, int] = FLOORS) -> list[str]:
    """One line for each import under ``root/fpt_calc`` that does not go down, and for each module without a floor."""
    found: list[str] = []
    package = root / PACKAGE
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        own = parts[0]
        if own not in floors:
            found.append(f"{path.relative_to(root)}: {own} has no floor")
            continue
        modules = _imported(ast.parse(path.read_text(encoding="utf-8")), (PACKAGE, *parts[:-1]))
        for line, module in modules:
            target = _unit(module, floors, package)
            if target is None or target == own:
                continue
            if target not in floors:
                found.append(f"{path.relative_to(root)}:{line}: {target} has no floor")
            elif floors[target] >= floors[own]:
                text = f"{own} (floor {floors[own]}) imports {target} (floor {floors[target]})"
                found.append(f"{path.relative_to(root)}:{line}: {text}")
    return found


def _imported(tree: ast.Module, package: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The imported modules as dotted parts, ``from a import b`` as a.b, with their lines."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, tuple(alias.name.split("."))) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                base = package[: len(package) - level + 1] if level else ()
                base += tuple(module.split(".")) if module else ()
                yield from ((node.lineno, (*base, alias.name)) for alias in names)
            case ast.Call(args=[ast.Constant(value=str(module)), *_]) if _is_import_call(node):
                yield node.lineno, tuple(module.split("."))


def _is_import_call(node: ast.Call) -> bool:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in ("import_module", "__import__")


def _unit(module: tuple[str, ...], floors: Mapping[str, int], package: Path) -> str | None:
    """The part of the program that a module belongs to; None for other packages."""
    if module[0] != PACKAGE:
        return None
    if len(module) == 1 or module[1] == "*":
        return TOP
    name = module[1]
    is_module = name in floors or (package / name).is_dir() or (package / f"{name}.py").exists()
    return name if is_module else TOP  # else: a name that the package itself defines


def test_modules_import_from_lower_floors_only() -> None:
    root = Path(__file__).resolve().parent.parent
    assert (root / PACKAGE / "errors.py").exists()
    assert violations(root) == []


GOOD = {
    "__init__.py": "from fpt_calc.api import run",
    "errors.py": "import sys",
    "expr/__init__.py": "from fpt_calc.expr.nodes import Expr\nfrom fpt_calc import scalars, errors",
    "expr/nodes.py": "from ..errors import FptError\nfrom . import facts\nimport fpt_calc.scalars.field",
    "cli/main.py": "def f():\n    from fpt_calc.api import run\n    import_module('numpy')",
}

BAD = {
    "upwards": ({"errors.py": "import fpt_calc.scalars"}, "errors.py:1: errors (floor 0) imports scalars (floor 1)"),
    "sideways": ({"point/a.py": "from fpt_calc.ensembles import Gaussian"}, "point (floor 3) imports ensembles"),
    "oracle and engine": (
        {"oracles/a.py": "\nfrom fpt_calc import pencil"},
        "a.py:2: oracles (floor 4) imports pencil",
    ),
    "submodule": (
        {"certify.py": "from fpt_calc.solve.newton import step"},
        "certify (floor 7) imports solve (floor 7)",
    ),
    "inside a function": (
        {"expr/a.py": "def f():\n    import fpt_calc.point.data"},
        "a.py:2: expr (floor 2) imports point",
    ),
    "for types only": (
        {"expr/a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from fpt_calc.system import Unknown"},
        "a.py:3: expr (floor 2) imports system",
    ),
    "relative": ({"pencil/sub/a.py": "from ...reduce import words"}, "pencil (floor 5) imports reduce (floor 8)"),
    "relative, bare": ({"pencil/a.py": "from .. import reduce"}, "pencil (floor 5) imports reduce (floor 8)"),
    "by name": ({"expr/a.py": "importlib.import_module('fpt_calc.solve')"}, "expr (floor 2) imports solve (floor 7)"),
    "one of several": ({"expr/a.py": "import os, fpt_calc.plot"}, "expr (floor 2) imports plot (floor 13)"),
    "the package itself": ({"cli/a.py": "from fpt_calc import derive_all"}, "cli (floor 15) imports __init__"),
    "everything": ({"cli/a.py": "from fpt_calc import *"}, "cli (floor 15) imports __init__"),
    "without a floor": ({"helpers.py": "", "expr/a.py": ""}, "fpt_calc/helpers.py: helpers has no floor"),
    "from one without a floor": (
        {"helpers/b.py": "", "expr/a.py": "from fpt_calc import helpers"},
        "a.py:1: helpers has",
    ),
}


def _write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / PACKAGE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_a_good_tree_passes(tmp_path: Path) -> None:
    _write(tmp_path, GOOD)
    assert violations(tmp_path) == []


@pytest.mark.parametrize(("files", "message"), BAD.values(), ids=BAD.keys())
def test_a_bad_tree_is_reported(tmp_path: Path, files: Mapping[str, str], message: str) -> None:
    _write(tmp_path, GOOD | files)
    found = violations(tmp_path)
    assert any(message in line for line in found), found


def test_the_lower_floors_do_not_load_heavy_libraries() -> None:
    code = f"import sys, {PACKAGE}.expr, {PACKAGE}.ensembles; print({{'sympy', 'numpy', 'mpmath'}} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"

"""Bad problem files: whatever is wrong ends in one line that names the file, the key, the cause and the remedy."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fpt_calc.errors import InputError
from fpt_calc.problem import load_problem, problem_from_dict

BASE = """
dims = ["n", "d"]
commute = [["Sigma", "Theta"]]
[scalars]
lam = "positive"
[matrices]
X = { shape = ["n", "d"], law = "gaussian", covariance = "Sigma", variance = "1/n" }
Sigma = { shape = ["d", "d"], psd = true }
Theta = { shape = ["d", "d"], symmetric = true }
[let]
R = "inv(X.T @ X + lam)"
[targets]
t = "tau(R)"
"""
AT = """
[at]
n = 4
d = 2
lam = "1/10"
Sigma = { identity = 1 }
Theta = { eigenvalues = [1, -1] }
"""


WISHART = """
dims = ["n"]
[scalars]
V_factor = "real"
[matrices]
V = { shape = ["n", "n"], law = "wishart", dof = "n" }
[targets]
t = "tau(V)"
"""


def one_line(error: pytest.ExceptionInfo[InputError], prefix: str, fragments: tuple[str, ...]) -> str:
    """Check that an error prints as one line that starts with ``prefix`` and has all fragments."""
    line = str(error.value)
    assert "\n" not in line
    assert line.startswith(prefix)
    assert len(line) < 1000
    for fragment in fragments:
        assert fragment in line
    return line


def edited(text: str, old: str = "", new: str = "") -> dict[str, Any]:
    assert old in text
    return tomllib.loads(text.replace(old, new, 1))


BAD_DECLARATIONS: list[tuple[str, str, tuple[str, ...]]] = [
    # (what is replaced in BASE, by what, what the line has to say)
    # names
    ('"tau(R)"', '"tau(RR)"', ("targets.t: unknown name 'RR'", "did you mean 'R'?")),
    ('variance = "1/n"', 'variance = "1/N"', ("matrices.X.variance: unknown name 'N'",)),
    ('covariance = "Sigma"', 'covariance = "Simga"', ("matrices.X.covariance", "did you mean 'Sigma'?")),
    ("R = ", "lam = ", ("let.lam", "two declarations for one name", "scalars", "rename")),
    ("R = ", "d = ", ("let.d", "two declarations for one name", "dims")),
    ('["n", "d"]\ncommute', '["n", "d", "n"]\ncommute', ("dims: two declarations for one name: 'n'",)),
    ("[scalars]\n", '[ratios]\nX = "d/n"\n[scalars]\n', ("matrices.X", "two declarations for one name", "ratios")),
    ("t = ", "X = ", ("targets.X", "two declarations for one name", "rename the target")),
    ("lam = ", "lambda = ", ("scalars.lambda", "a word of Python's own", "use lam")),
    ("lam = ", "tau = ", ("scalars.tau", "a function of formulas", "use another name")),
    ("lam = ", '"λ" = ', ("scalars.λ", "is not a name", "spelled out")),
    ("lam = ", '"a b" = ', ("scalars.a b", "is not a name")),
    ("t = ", '"1t" = ', ("targets.1t", "is not a name")),
    (BASE, WISHART, ("matrices.V: the name V_factor is that of the Gaussian factor of V", "rename V_factor")),
    # scalars and dims
    ('"positive"', '"postive"', ("scalars.lam", "unknown kind 'postive'", "use one of positive")),
    ('"positive"', "1", ("scalars.lam", "unknown kind 1")),
    ('["n", "d"]\ncommute', '"n"\ncommute', ("dims: 'n' is not a list of names",)),
    ('["n", "d"]\ncommute', '["n", 3]\ncommute', ("dims", "is not a list of names")),
    # tables and keys
    ("[let]", "[lets]", ("lets: unknown key", "did you mean 'let'?")),
    ("[let]", '[limits]\nlma = "0+"\n[let]', ("limits.lma", "no scalar", "did you mean 'lam'?")),
    ("[let]", "[limits]\nlam = 0\n[let]", ("limits.lam: 0 is not a limit", "in quotes")),
    ("[let]", "[[sweep]]\nlam = 1\n[let]", ("sweep", "reserved")),
    ('[let]\nR = "inv(X.T @ X + lam)"', "", ("targets.t: unknown name 'R'",)),
    ('[targets]\nt = "tau(R)"', "", ("targets: nothing is asked for", "add [targets]")),
    ('t = "tau(R)"', "", ("targets: nothing is asked for",)),
    ('dims = ["n", "d"]', 'dims = ["n", "d"]\ntitle = 3', ("title: 3 is not a title",)),
    ('[let]\nR = "inv(X.T @ X + lam)"', "[[let]]\nR = 1", ("let: let is not a table",)),
    ("symmetric", "symetric", ("matrices.Theta.symetric: unknown key", "did you mean 'symmetric'?")),
    # matrices
    ('shape = ["n", "d"], ', "", ("matrices.X: no shape", 'write shape = ["n", "d"]')),
    ('["n", "d"], law', '["n", "d", 1], law', ("matrices.X", "not a list of two dimensions")),
    ('["n", "d"], law', '["n", "m"], law', ("matrices.X.shape: unknown name 'm'",)),
    ('["n", "d"], law', '["n", 0], law', ("matrices.X.shape", "dimension 0 is not a positive integer")),
    ('["n", "d"], law', '["n", "lam"], law', ("matrices.X.shape", "no declared dimension")),
    ('["n", "d"], law', '["-n", "d"], law', ("matrices.X.shape", "the dimension -n is not positive")),
    ('["n", "d"], law', '["Sigma", "d"], law', ("matrices.X.shape", "Sigma is not a dimension")),
    ('["n", "d"], law', '["n*1j", "d"], law', ("matrices.X.shape", "is not real")),
    ('["n", "d"], law', '["n**2", "d"], law', ("matrices.X.shape", "does not grow in proportion", "p1*n")),
    ('["d", "d"], psd', '["n", "d"], psd', ("matrices.Sigma", "n x d cannot be psd", "square")),
    ('law = "gaussian"', 'law = "gausian"', ("matrices.X.law", "unknown law 'gausian'", "did you mean 'gaussian'?")),
    ('law = "gaussian"', "law = []", ("matrices.X.law", "unknown law []")),
    ('law = "gaussian"', 'law = "wigner"', ("matrices.X.covariance: unknown key",)),
    ('law = "gaussian", ', "", ("matrices.X: variance of a matrix without a law", 'law = "gaussian"')),
    (', variance = "1/n"', "", ("matrices.X: a gaussian matrix without its variance", 'add variance = "1/d"')),
    ('variance = "1/n"', 'dof = "n"', ("matrices.X.dof: unknown key",)),
    ('"1/n"', '"-1/n"', ("matrices.X.variance", "is not positive")),
    ('"1/n"', "0", ("matrices.X.variance", "is not positive")),
    ('"1/n"', '"1j/n"', ("matrices.X.variance: 1j/n is not real",)),
    ('"1/n"', '"Sigma"', ("matrices.X.variance", "is a matrix", "covariance")),
    ('"1/n"', "true", ("matrices.X.variance", "True is not a formula")),
    ('"1/n"', "inf", ("matrices.X.variance", "inf is not a formula")),
    ('"1/n"', '"tau(R)"', ("is defined by way of itself", "X uses R uses X", "break the circle")),
    ('covariance = "Sigma"', 'covariance = "Theta"', ("matrices.X.covariance", "not known to be psd", "psd = true")),
    ('covariance = "Sigma"', 'covariance = "2"', ("matrices.X.covariance", "not a matrix", "variance")),
    ('covariance = "Sigma"', 'row_covariance = "Sigma"', ("matrices.X.row_covariance", "n x n is needed")),
    ('covariance = "Sigma"', 'covariance = "X.T @ X"', ("X is defined by way of itself: X uses X",)),
    ('covariance = "Sigma"', 'field = "complexx"', ("matrices.X.field", "unknown field 'complexx'")),
    ('covariance = "Sigma"', "psd = true", ("matrices.X", "facts about a random matrix")),
    ("psd = true", "psd = 1", ("matrices.Sigma.psd", "neither true nor false")),
    ("psd = true", "projection = true, orthogonal = true", ("matrices.Sigma", "is the identity", "the number 1")),
    ("psd = true", 'hermitian = true, psd = true, field = "complex"', ("the complex covariance", "matrices.X")),
    ("Sigma = { shape", "Q = 3\nSigma = { shape", ("matrices.Q: not a table",)),
    # commute
    ('"Theta"]]', '"Theta", "X"]]', ("commute: 'X' is not a declared deterministic matrix",)),
    ('"Theta"]]', '"Thta"]]', ("commute", "did you mean 'Theta'?")),
    (', "Theta"]]', "]]", ("commute: a group of fewer than two",)),
    ('[["Sigma", "Theta"]]', '["Sigma", "Theta"]', ("commute: not a list of lists",)),
    ('Theta = { shape = ["d", "d"]', 'Theta = { shape = ["n", "n"]', ("commute", "cannot commute")),
    # definitions and targets
    ('"inv(X.T @ X + lam)"', '"inv(X + lam)"', ("let.R: (X) + lam", "square matrix only")),
    ('"inv(X.T @ X + lam)"', '"inv(X)"', ("let.R: inv(X)", "only square matrices have an inverse")),
    ('"inv(X.T @ X + lam)"', '"sqrt(Theta)"', ("let.R: sqrt(Theta)", "psd")),
    ('"inv(X.T @ X + lam)"', '"R + 1"', ("let.R", "R is defined by way of itself: R uses R")),
    ('"inv(X.T @ X + lam)"', "[1]", ("let.R: [1] is not a formula", "in quotes")),
    ('"tau(R)"', '"R"', ("targets.t: a target that is not scalar: it has shape d x d", "tau(...) or Tr(...)")),
    ('"tau(R)"', '"t + 1"', ("targets.t: unknown name 't'",)),
    ('"tau(R)"', '"tau(tau(R)*Sigma)"', ("targets.t: tau(inv(X.T@X + lam))", "a target of its own")),
    ("[scalars]\n", '[ratios]\nphi = "lam"\n[scalars]\n', ("ratios.phi: not a ratio of dimensions",)),
    ("[scalars]\n", '[ratios]\nphi = "tau(R)/n"\n[scalars]\n', ("ratios.phi: not a ratio of dimensions",)),
]

BAD_VALUES: list[tuple[str, str, tuple[str, ...]]] = [
    # (what is replaced in BASE + AT, by what, what the line has to say)
    ("d = 2\n", "", ("at: no value for d", "add d = ...")),
    ('lam = "1/10"\n', "", ("at: no value for lam",)),
    ("Sigma = { identity = 1 }\n", "", ("at: no value for Sigma",)),
    (AT, "\n[at]\n", ("at: no value for n, d, lam, Sigma, Theta",)),
    ("n = 4", "n = 4.5", ("at.n: the dimension 4.5 is not a positive integer",)),
    ("n = 4", "n = 0", ("at.n", "not a positive integer")),
    ("n = 4", "n = -4", ("at.n", "not a positive integer")),
    ("n = 4", "n = true", ("at.n: the dimension True is not a positive integer",)),
    ("n = 4", 'n = "four"', ("at.n", "not a positive integer")),
    ("n = 4", 'n = "4+1j"', ("at.n", "not a positive integer")),
    ("n = 4", "n = [4]", ("at.n", "not a positive integer")),
    ('"1/10"', "0", ("at.lam: value 0 contradicts lam = 'positive'",)),
    ('"1/10"', '"0.5+1j"', ("at.lam", "complex value", "declare it complex")),
    ('"1/10"', '"one"', ("at.lam: 'one' is not a number", "1/10")),
    ('"1/10"', "nan", ("at.lam: nan is not a finite number",)),
    ('"1/10"', '"1/0"', ("at.lam: division by zero",)),
    ('"1/10"', '"1e400"', ("at.lam", "more than 300 digits")),
    ('"1/10"', "[1, 2]", ("at.lam: [1, 2] is not a number",)),
    ('"1/10"', "{ re = 1 }", ("at.lam", "is not a number")),
    ('"1/10"', '{ re = "1j", im = 1 }', ("at.lam", "re and im")),
    ('"1/10"', "1979-05-27", ("at.lam", "is not a number")),
    ("n = 4", "n = 4\nm = 3", ("at.m: unknown name", "declare it or remove it")),
    ('lam = "1/10"', "lam = 1\nlamb = 1", ("at.lamb: unknown name", "did you mean 'lam'?")),
    ("n = 4", "n = 4\nX = { identity = 1 }", ("at.X", "which is random (law = 'gaussian')", "remove the value")),
    ("n = 4", "n = 4\nR = { identity = 1 }", ("at.R", "defined by its formula under [let]")),
    ("{ identity = 1 }", "1", ("at.Sigma: 1 is not the value of a matrix", "{ identity = 1 }")),
    ("{ identity = 1 }", "{ }", ("at.Sigma: no value",)),
    ("{ identity = 1 }", "{ identty = 1 }", ("at.Sigma", "identty: unknown key", "did you mean 'identity'?")),
    ("{ identity = 1 }", "{ identity = 1, power_law = 1 }", ("at.Sigma: two values at once",)),
    ("{ identity = 1 }", "{ identity = 1, scale = 1 }", ("at.Sigma", "scale: unknown key")),
    ("{ identity = 1 }", '{ power_law = "1j" }', ("at.Sigma", "is not real")),
    ("{ identity = 1 }", "{ identity = -1 }", ("at.Sigma: the numbers are not psd", "mend the numbers")),
    ("{ identity = 1 }", "{ eigenvalues = [1, -1] }", ("at.Sigma: the numbers are not psd",)),
    ("{ identity = 1 }", "{ eigenvalues = [1, 2, 3] }", ("at.Sigma: 3 eigenvalues for dimension d = 2",)),
    ("{ identity = 1 }", "{ eigenvalues = [] }", ("at.Sigma: [] is not a list of numbers",)),
    ("{ identity = 1 }", "{ eigenvalues = 3 }", ("at.Sigma: 3 is not a list of numbers",)),
    ("{ identity = 1 }", "{ eigenvalues = [1, 2], weights = [1] }", ("at.Sigma: 1 weights for 2 eigenvalues",)),
    ("{ identity = 1 }", "{ eigenvalues = [1, 2], weights = [0.5, 0.6] }", ("at.Sigma", "do not sum to 1")),
    ("{ identity = 1 }", "{ eigenvalues = [1], weights = [1] }", ("at.Theta: 2 values, while Sigma",)),
    ("{ identity = 1 }", "{ matrix = [[1, 2], [0, 1]] }", ("at.Sigma: the numbers are not symmetric",)),
    ("{ identity = 1 }", "{ matrix = [[1, 2], [2, 1]] }", ("at.Sigma: the numbers are not psd",)),
    ("{ identity = 1 }", "{ matrix = [[1, 2], [2]] }", ("at.Sigma: rows of different lengths",)),
    ("{ identity = 1 }", '{ matrix = [[1, "a"], [0, 1]] }', ("at.Sigma: 'a' is not a number",)),
    ("{ identity = 1 }", "{ matrix = [[1, 0, 0], [0, 1, 0]] }", ("at.Sigma: an array of shape (2, 3)",)),
    ("{ identity = 1 }", "{ matrix = [1, 2] }", ("at.Sigma: an array of shape (2,)",)),
    ("{ identity = 1 }", "{ matrix = [[[1]]] }", ("at.Sigma", "is not a number")),
    ("{ identity = 1 }", "{ matrix = [[2, 1], [1, 2]] }", ("at.Theta: the numbers of Sigma and Theta do not commute",)),
    ("{ identity = 1 }", '{ matrix = "none.npy" }', ("at.Sigma: no file 'none.npy'", "folder of the problem file")),
    ("{ identity = 1 }", '{ matrix = "." }', ("at.Sigma: cannot read '.'",)),
    ("{ identity = 1 }", "{ power_law = -400, scale = 1e300 }", ("at.Sigma: values that are not finite",)),
    ('variance = "1/n"', 'variance = "(n - 5)/n**2"', ("at: the variance", "of X is -0.0625 at these values")),
    ('variance = "1/n"', 'variance = "1/(n - 4)"', ("at: division by zero",)),
    ('["n", "d"], law', '["n - 4", "d"], law', ("at: dimension n - 4 = 0 is not positive",)),
    ('["n", "d"], law', '["n*d/(d - 2)", "d"], law', ("at: division by zero",)),
    ("symmetric = true", "projection = true", ("at.Theta: the numbers are not psd",)),
    ("symmetric = true", "pd = true", ("at.Theta: the numbers are not psd",)),
]


@pytest.mark.parametrize(("old", "new", "fragments"), BAD_DECLARATIONS, ids=[row[1][:40] for row in BAD_DECLARATIONS])
def test_bad_declarations(old: str, new: str, fragments: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as error:
        problem_from_dict(edited(BASE, old, new), None, "p.toml")
    one_line(error, "p.toml: ", fragments)


@pytest.mark.parametrize(("old", "new", "fragments"), BAD_VALUES, ids=[row[1][:40] for row in BAD_VALUES])
def test_bad_values(old: str, new: str, fragments: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        problem_from_dict(edited(BASE + AT, old, new), tmp_path, "p.toml")
    one_line(error, "p.toml: at", fragments)


BAD_PROBLEMS: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    # (what is replaced in a problem with one matrix M, what the line has to say)
    ({"at": 3}, ("p.toml: at: at is not a table",)),
    ({"at": {"d": 10**9, "M": {"power_law": 1}}}, ("at.M: a power law of more than", "limiting spectrum")),
    ({"at": {"d": 10**400, "M": {"identity": 1}}}, ("at.d", "is not a positive integer")),
    ({"at": {"d": 2, "M": {"eigenvalues": [1, "1j"]}}}, ("at.M: complex numbers for a matrix declared real",)),
    ({"at": {"d": 2, "M": {"identity": 1j}}}, ("at.M: 1j is not a number",)),
    ({"at": {"d": 2, "M": {"matrix": "a\0b"}}}, ("at.M: cannot read",)),
    ({"at": {"d": 2, "M": {"matrix": 3}}}, ("at.M: 3 is not a list of numbers",)),
    ({"matrices": 1}, ("matrices: matrices is not a table",)),
    ({"let": {"a": "b", "b": "c", "c": "a"}}, ("is defined by way of itself", " uses ")),
    ({"let": {"a": "T"}, "targets": {"T": "tau(M)", "t": "a"}}, ("let.a: unknown name 'T'",)),
    ({"let": {"k" * 200: "1"}}, ("is not a name",)),
    ({"toml": 1}, ("p.toml: toml: unknown key",)),
    (
        {"matrices": {"M": {"shape": ["d", 1]}}, "targets": {"t": "M.T @ M"}, "at": {"d": 3, "M": {"matrix": [1, 2]}}},
        ("at.M: an array of shape (2,) for a matrix of shape (3, 1)",),
    ),
    (
        {"matrices": {"M": {"shape": ["d", 1]}}, "targets": {"t": "M.T @ M"}},
        ("at.M: a spectrum for a matrix of shape",),
    ),
    ({"x\ny": 1}, ("x y: unknown key",)),
]


@pytest.mark.parametrize(("change", "fragments"), BAD_PROBLEMS, ids=[str(row[0])[:40] for row in BAD_PROBLEMS])
def test_bad_problems(change: dict[str, Any], fragments: tuple[str, ...], tmp_path: Path) -> None:
    matrices = {"M": {"shape": ["d", "d"], "field": "real"}}
    good = {"dims": ["d"], "matrices": matrices, "targets": {"t": "tau(M)"}, "at": {"d": 2, "M": {"identity": 1}}}
    problem_from_dict(good, tmp_path, "p.toml")
    with pytest.raises(InputError) as error:
        problem_from_dict(good | change, tmp_path, "p.toml")
    one_line(error, "p.toml: ", fragments)


def _objects(path: Path) -> None:
    np.save(path, np.array([[{}, 1], [1, 2]], dtype=object), allow_pickle=True)


BAD_ARRAYS: list[tuple[str, Callable[[Path], object], tuple[str, ...]]] = [
    ("objects", _objects, ("cannot read 'a.npy'", "numpy.save from an array of numbers")),
    ("text", lambda path: np.save(path, np.array([["a", "b"], ["c", "d"]])), ("2 axes of <U1",)),
    ("booleans", lambda path: np.save(path, np.eye(2, dtype=bool)), ("2 axes of bool",)),
    ("cube", lambda path: np.save(path, np.zeros((2, 2, 2))), ("3 axes of float64",)),
    ("nan", lambda path: np.save(path, np.array([[1, np.nan], [np.nan, 1]])), ("not finite", "remove nan and inf")),
    ("empty", lambda path: path.write_bytes(b""), ("cannot read 'a.npy'",)),
    ("garbage", lambda path: path.write_bytes(b"cos\nsystem\n(S'true'\ntR."), ("cannot read 'a.npy'",)),
    ("cut off", lambda path: path.write_bytes(_bytes_of(np.eye(9))[:200]), ("cannot read 'a.npy'",)),
    ("archive", lambda path: np.savez(path.open("wb"), a=np.eye(2)), ("several arrays",)),
    ("shape", lambda path: np.save(path, np.eye(3)), ("an array of shape (3, 3) for a matrix of shape (2, 2)",)),
    ("not psd", lambda path: np.save(path, np.diag([1.0, -1.0])), ("the numbers are not psd",)),
    ("not commuting", lambda path: np.save(path, np.array([[2.0, 1], [1, 2]])), ("do not commute",)),
]


def _bytes_of(array: Any) -> bytes:
    buffer = BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


@pytest.mark.parametrize(("write", "fragments"), [row[1:] for row in BAD_ARRAYS], ids=[row[0] for row in BAD_ARRAYS])
def test_bad_arrays(write: Callable[[Path], object], fragments: tuple[str, ...], tmp_path: Path) -> None:
    write(tmp_path / "a.npy")
    data = edited(BASE + AT, "{ identity = 1 }", '{ matrix = "a.npy" }')
    with pytest.raises(InputError) as error:
        problem_from_dict(data, tmp_path, "p.toml")
    one_line(error, "p.toml: at.", fragments)


BAD_FILES: list[tuple[bytes, tuple[str, ...]]] = [
    (b"dims = [", ("malformed TOML", "end of document")),
    (b"dims = n\n", ("malformed TOML", "line 1, column")),
    (b"at = { n = 1, n = 2 }\n", ("malformed TOML", "declare each name once")),
    (b"dims = ['n']\n[let\nR = 1", ("malformed TOML", "line 2", "mend the TOML")),
    (b"[let]\nR = '1'\nR = '2'\n", ("malformed TOML", "line 3", "declare each name once")),
    (b"[let]\nR = '1'\n[let]\nS = '2'", ("malformed TOML", "declare each name once")),
    (b"title = '\xff'", ("not UTF-8 at byte 9",)),
    (b"title = " + b"[" * 5000, ("nested too deeply",)),
    (b"[let]\na = " + b"9" * 5000, ("malformed TOML",)),
    (b"", ("targets: nothing is asked for",)),
]


@pytest.mark.parametrize(("content", "fragments"), BAD_FILES, ids=[str(row[0][:30]) for row in BAD_FILES])
def test_bad_files(content: bytes, fragments: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        load_problem(path)
    one_line(error, "p.toml: ", fragments)


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none.toml: cannot be read \(No such file"):
        load_problem(tmp_path / "none.toml")
    with pytest.raises(InputError, match="cannot be read"):
        load_problem(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        load_problem("a\0b.toml")


def test_the_base_of_the_tables_is_good_input() -> None:
    assert problem_from_dict(edited(BASE), None, "p.toml").point is None
    assert problem_from_dict(edited(BASE + AT), None, "p.toml").point is not None


def test_doubling_definitions_end_in_one_line() -> None:
    lets = {"A0": "X.T @ X", **{f"A{k}": f"A{k - 1} @ A{k - 1}" for k in range(1, 60)}}
    with pytest.raises(InputError) as error:
        problem_from_dict(edited(BASE) | {"let": lets | {"R": "inv(A59 + lam)"}}, None, "p.toml")
    one_line(error, "p.toml: let.A", ("an expression of more than 100000 nodes",))

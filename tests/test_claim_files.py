"""Claims: right ones are proved, every small change of a right one is refuted, and what cannot be meant is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fpt_calc import derive
from fpt_calc.claims import Outcome, Verdict, check_claims
from fpt_calc.claims.file import load_claims
from fpt_calc.claims.simulation import decide_by_simulation
from fpt_calc.errors import CannotDecideError, InputError
from tests.commands import run

ROOT = Path(__file__).parent.parent
COLLECTION = sorted((ROOT / "derivations" / "claims").glob("*.toml"))

RIDGE = """
dims = ["n", "d"]
[scalars]
lam = "positive"
sigma = "positive"
[matrices]
X     = { shape = ["n", "d"], law = "gaussian", covariance = "Sigma", variance = "1/n" }
Sigma = { shape = ["d", "d"], psd = true }
Test  = { shape = ["d", "d"], psd = true }
A     = { shape = ["d", "d"] }
[let]
R = "inv(X.T @ X + lam)"
[targets]
bias     = "lam**2 * Tr(A @ R @ Test @ R)"
variance = "sigma**2/n * Tr(R @ X.T @ X @ R @ Test)"
first    = "Tr(A @ Test @ R)"
[where]
kappa = { root = "kappa - lam - kappa*Tr(Sigma@inv(Sigma+kappa))/n", condition = "kappa > 0" }
low   = { root = "low - lam - low*Tr(Sigma@inv(Sigma+low))/n", condition = "low < 0" }
below = { root = "below - lam - below*Tr(Sigma@inv(Sigma+below))/n", condition = "below < -1000" }
both  = { root = "both**2 - kappa**2", condition = "both > -1000" }
k0    = { root = "n - Tr(Sigma@inv(Sigma+k0))", condition = "k0 > 0" }
G     = "inv(Sigma + kappa)"
df1   = "Tr(Sigma@G)"
df2   = "Tr((Sigma@G)**2)"
"""


def outcomes(tmp_path: Path, claims: str, problem: str = RIDGE) -> list[Outcome]:
    file = tmp_path / "claims.toml"
    file.write_text(problem + claims)
    return list(check_claims(file)[1])


def claim(left: str, equals: str, extra: str = "", target: bool = True) -> str:
    return f'[[claim]]\n{"target" if target else "left"} = "{left}"\nequals = "{equals}"\n{extra}\n'


BIAS = "kappa**2*(Tr(A@G@Test@G) + Tr(A@G@Sigma@G)*Tr(Test@G@Sigma@G)/(n-df2))"
VARIANCE = "sigma**2*Tr(Test@Sigma@G**2)/(n - df2)"
FIRST = "kappa*Tr(A@Test@G)/lam"
RIGHT = {"bias": BIAS, "variance": VARIANCE, "first": FIRST}


@pytest.mark.parametrize("name", RIGHT)
def test_right_claims_are_proved(name: str, tmp_path: Path) -> None:
    (found,) = outcomes(tmp_path, claim(name, RIGHT[name]))
    assert found.verdict is Verdict.PROVED, found.evidence


def changes(text: str) -> Iterator[str]:
    """Every small change of a formula: factors, signs, exponents, names, order of matrices, transposes."""
    swaps = [("df2", "df1"), ("n", "(n-1)"), ("n", "d"), ("kappa", "lam"), ("Sigma", "Test"), ("A", "A.T"), ("2", "3")]
    swaps += [("lam", "kappa"), ("sigma", "lam"), ("Test", "Sigma")]
    for old, new in swaps:
        for match in re.finditer(rf"(?<![\w.]){re.escape(old)}(?!\w)", text):
            yield text[: match.start()] + new + text[match.end() :]
    for match in re.finditer(r" [+-] |(?<=n)-", text):
        flipped = match[0].replace("+", "#").replace("-", "+").replace("#", "-")
        yield text[: match.start()] + flipped + text[match.end() :]
    yield f"2*({text})"
    yield text.replace("Tr(Test", "tau(Test")
    yield text.replace("A@Test@G", "A@G@Test")
    yield text.replace("A@G@Test@G", "A@Test@G@G")


@pytest.mark.parametrize("name", RIGHT)
def test_changed_claims_are_refuted_with_certified_values(name: str, tmp_path: Path) -> None:
    wrong = [c for c in changes(RIGHT[name]) if c != RIGHT[name]]
    assert len(wrong) >= 6
    found = outcomes(tmp_path, "".join(claim(name, c) for c in wrong))
    for text, outcome in zip(wrong, found, strict=True):
        if name == "bias" and "A.T" in text:  # the matrices beside A are symmetric together
            assert outcome.verdict is Verdict.PROVED
            continue
        assert outcome.verdict is Verdict.REFUTED, text
        assert outcome.witness is not None and "certified values differ" in outcome.evidence, text


@pytest.mark.parametrize(
    ("left", "equals", "verdict", "said"),
    [
        ("bias + variance", f"{BIAS} + {VARIANCE}", Verdict.PROVED, ""),
        ("Tr(A@R@Test)", "kappa*Tr(Test@A@G)/lam", Verdict.PROVED, ""),
        ("bias", "kappa**2*variance", Verdict.REFUTED, ""),
        ("variance/sigma**2", "Tr(R@X.T@X@R@Test)/n", Verdict.PROVED, ""),
        ("df1 - df2", "kappa*Tr(Sigma@G@G)", Verdict.PROVED, ""),
        ("kappa", "lam", Verdict.REFUTED, ""),
        ("first", "low*Tr(A@Test@inv(Sigma + low))/lam", Verdict.REFUTED, "roots that meet the condition"),
        ("first", "below*Tr(A@Test@inv(Sigma + below))/lam", Verdict.UNDECIDED, "no root with below < -1000"),
        ("both**2", "kappa**2", Verdict.UNDECIDED, "2 roots with kappa > 0 and both > -1000"),
        ("both", "kappa", Verdict.PROVED, "read so because"),
        ("variance", f"{VARIANCE}/(lam - lam*kappa/kappa)", None, "division"),
    ],
)
def test_relations_between_quantities(
    left: str, equals: str, verdict: Verdict | None, said: str, tmp_path: Path
) -> None:
    text = claim(left, equals, target=False)
    if verdict is None:
        with pytest.raises(InputError, match=said):
            outcomes(tmp_path, text)
        return
    (found,) = outcomes(tmp_path, text)
    assert found.verdict is verdict, found.evidence
    assert said in found.evidence


@pytest.mark.parametrize(
    ("left", "equals", "extra", "verdict"),
    [
        ("variance", "sigma**2*Tr(Test@inv(Sigma))/(n-d)", 'limit = "lam -> 0+"\ncondition = "d < n"', "PROVED"),
        ("variance", "sigma**2*Tr(Test@inv(Sigma))/n", 'limit = "lam -> 0+"\ncondition = "d < n"', "REFUTED"),
        ("variance", "sigma**2*Tr(Test@Sigma@inv(Sigma+lam)**2)/n", 'limit = "n -> oo"\nrate = "1/n**2"', "PROVED"),
        ("variance", "sigma**2*Tr(Test@Sigma@inv(Sigma+lam)**2)/n", 'limit = "n -> oo"\nrate = "1/n**3"', "REFUTED"),
        ("kappa", "lam/(1 - d/n)", 'limit = "lam -> 0+"\ncondition = "d < n"\nrate = "lam**2"', "PROVED"),
        ("kappa", "k0", 'limit = "lam -> 0+"\ncondition = "n < d"', "PROVED"),
        ("kappa", "2*k0", 'limit = "lam -> 0+"\ncondition = "n < d"', "REFUTED"),
        ("1", "1/(n - Tr(Sigma@inv(Sigma+k0)))", 'limit = "lam -> 0+"\ncondition = "n < d"', "REFUTED"),
    ],
)
def test_limits(left: str, equals: str, extra: str, verdict: str, tmp_path: Path) -> None:
    (found,) = outcomes(tmp_path, claim(left, equals, extra, target=False))
    assert found.verdict.name == verdict, found.evidence


def test_a_claim_that_fails_at_lower_order_only_says_so(tmp_path: Path) -> None:
    (found,) = outcomes(tmp_path, claim("variance", VARIANCE.replace("(n -", "(n - 1 -")))
    assert found.verdict is Verdict.REFUTED and "agree to leading order" in found.evidence


def test_latex_is_shown_back_as_it_was_read(tmp_path: Path) -> None:
    text = r"\sigma^2\,\frac{\operatorname{Tr}\bigl(\mathrm{Test}\,\Sigma(\Sigma+\kappa I)^{-2}\bigr)}{n-\mathrm{df}_2}"
    right, wrong = outcomes(
        tmp_path,
        f"[[claim]]\ntarget = 'variance'\nlatex = '{text}'\n"
        f"[[claim]]\ntarget = 'variance'\nlatex = '{text.replace('df}_2', 'df}_1')}'\n",
    )
    assert right.verdict is Verdict.PROVED
    assert right.evidence.startswith("read as sigma**2*(Tr(Test@Sigma@inv(Sigma + kappa)**2)/(n - df2))")
    assert wrong.verdict is Verdict.REFUTED


SIMULATED = """
[at]
n = 120
d = 60
lam = "1/2"
sigma = 1
Sigma = { power_law = 1 }
Test  = { identity = 1 }
A     = { identity = 1 }
"""


def test_where_no_law_is_derived_simulation_is_consistent_or_decides_nothing(tmp_path: Path) -> None:
    file = tmp_path / "claims.toml"
    problem = RIDGE.partition("[where]")[0] + SIMULATED
    exact = derive(load_text(problem, tmp_path)).at()["variance"]
    file.write_text(problem + claim("variance", f"{exact:.12f}") + claim("variance", f"{2 * exact:.12f}"))
    claims = load_claims(file)
    right, wrong = (decide_by_simulation(c, claims.problem, "no reason") for c in claims.claims)
    assert right.verdict is Verdict.CONSISTENT and "z = " in right.evidence
    assert wrong.verdict is Verdict.UNDECIDED and "z = " in wrong.evidence


def load_text(problem: str, folder: Path) -> Path:
    file = folder / "problem.toml"
    file.write_text(problem)
    return file


def test_numbers_without_a_certificate_are_consistent_at_best(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise CannotDecideError("no certificate today")

    monkeypatch.setattr("fpt_calc.claims.balls.certify", refuse)
    monkeypatch.setattr("fpt_calc.claims.decide.prove", refuse)
    exact = claim("lam + kappa", "lam + 2*kappa - kappa", target=False)  # precise, not certified
    texts = claim("variance", VARIANCE) + claim("variance", f"2*{VARIANCE}") + exact
    right, wrong, precise = outcomes(tmp_path, texts)
    assert precise.verdict is Verdict.CONSISTENT, precise.evidence
    assert right.verdict is Verdict.CONSISTENT and "no certificate today" in right.evidence
    assert wrong.verdict is Verdict.REFUTED and "beyond their errors" in wrong.evidence


def test_certified_balls_without_a_proof_are_certified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise CannotDecideError("no proof today")

    monkeypatch.setattr("fpt_calc.claims.decide.prove", refuse)
    (right,) = outcomes(tmp_path, claim("variance", VARIANCE))
    assert right.verdict is Verdict.CERTIFIED and "30 digits" in right.evidence and "no proof today" in right.evidence


BAD = {
    "no claims": ("", "no [[claim]]"),
    "too many claims": (claim("bias", "0") * 1001, "more than 1000 claims"),
    "no such target": (claim("bais", "0"), "claim 1: target"),
    "no right side": ('[[claim]]\ntarget = "bias"\n', "either equals or latex"),
    "both sides twice": ('[[claim]]\ntarget = "bias"\nleft = "bias"\nequals = "0"\n', "either target or left"),
    "unknown name": (claim("bias", "kapa"), "did you mean 'kappa'?"),
    "a matrix": (claim("bias", "Sigma"), "this is a matrix"),
    "code": (claim("bias", "__import__('os')"), "called like a function"),
    "unknown key": (claim("bias", "0", "expected = 'proved'"), "did you mean 'expect'?"),
    "unknown verdict": (claim("bias", "0", "expect = 'true'"), "proved, certified"),
    "no arrow": (claim("bias", "0", "limit = 'lam'"), "lam -> 0+"),
    "rate without limit": (claim("bias", "0", "rate = 'lam'"), "a rate without a limit"),
    "limit that depends on it": (claim("bias", "lam", "limit = 'lam -> 0+'"), "depends on lam"),
    "unknown limit": (claim("bias", "0", "limit = 'mu -> 0+'"), "no scalar, dimension or ratio"),
    "a rate that stays": (claim("bias", "0", "limit = 'lam -> 0+'\nrate = '2'"), "does not tend to zero"),
    "condition without comparison": (claim("bias", "0", "condition = 'd'"), "is not a condition"),
    "not a formula": (claim("bias", "0").replace('"0"', "[1]"), "not a formula"),
    "root without condition": ("[where.q]\nroot = 'q - 1'\n" + claim("bias", "q"), "which root is meant"),
    "root of nothing": ("[where.q]\nroot = 'lam'\ncondition = 'q > 0'\n" + claim("bias", "q"), "does not contain"),
    "two names, one equation": (
        "[where.'p, q']\nroots = ['p - q']\ncondition = 'q > 0'\n" + claim("bias", "q"),
        "1 equations for 2 unknowns",
    ),
    "a declared name": (
        "[where.lam]\nroot = 'lam - 1'\ncondition = 'lam > 0'\n" + claim("bias", "0"),
        "a meaning already",
    ),
    "random root": ("[where.q]\nroot = 'q - tau(R)'\ncondition = 'q > 0'\n" + claim("bias", "q"), "random matrices"),
    "LaTeX that cannot be read": ("[[claim]]\ntarget = 'bias'\nlatex = '\\frac{1'\n", "latex"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_claims_are_one_line(name: str, tmp_path: Path) -> None:
    text, said = BAD[name]
    file = tmp_path / "claims.toml"
    problem, _, definitions = RIDGE.partition("[where]")
    own = text.startswith("[where")
    file.write_text(problem + text if own else f"{problem}[where]{definitions}{text}")
    result = run("check", str(file))
    assert result.exit_code == 2, result.output
    assert said in result.stderr and result.stderr.count("\n") == 1 and "Traceback" not in result.stderr


def test_exit_status_follows_expectations(tmp_path: Path) -> None:
    file = tmp_path / "claims.toml"
    right, wrong = claim("variance", VARIANCE), claim("variance", f"2*{VARIANCE}")
    for text, status in [
        (right, 0),
        (wrong, 1),
        (wrong + 'expect = "Refuted"\n', 0),
        (right + 'expect = "refuted"\n', 1),
        (right + 'expect = "certified"\n', 1),
    ]:
        file.write_text(RIDGE + text)
        assert run("check", str(file)).exit_code == status, text


def test_json_is_the_contract(tmp_path: Path) -> None:
    file = tmp_path / "claims.toml"
    file.write_text(RIDGE + claim("variance", VARIANCE) + claim("variance", "1", 'expect = "refuted"'))
    result = run("check", str(file), "--json")
    first, second = json.loads(result.stdout)["claims"]
    assert set(first) == {"file", "index", "target", "verdict", "evidence", "witness", "expected"}
    assert (first["index"], first["target"], first["verdict"], first["witness"]) == (1, "variance", "PROVED", None)
    assert (second["verdict"], second["expected"]) == ("REFUTED", "REFUTED")
    assert set(second["witness"]) == {"at", "derived", "claimed"} and second["witness"]["at"]["n"].isdigit()


@pytest.mark.slow
@pytest.mark.parametrize("file", COLLECTION, ids=lambda f: f.stem)
def test_the_literature_is_proved_and_its_mistakes_refuted(file: Path) -> None:
    found = list(check_claims(file)[1])
    assert found and all(o.expected is not None for o in found)
    assert [o.target for o in found if not o.passed] == []

"""Pipeline files: the nodes they mean, the same nodes from Python, and one line for whatever is wrong."""

from __future__ import annotations

import copy
import random
import re
import tomllib
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fpt_calc as fc
from fpt_calc.errors import InputError
from fpt_calc.expr import Expr
from fpt_calc.pipeline import (
    PREVIOUS,
    Dataset,
    Design,
    Generations,
    MinNorm,
    Model,
    Pipeline,
    Teacher,
    check_pipeline,
    datasets_of,
    designs_of,
    models_of,
    teachers_of,
    unrolled,
)
from fpt_calc.pipeline_file import PipelineProblem, counts_at, is_pipeline, load_pipeline, pipeline_from_dict
from fpt_calc.pipeline_file.chains import CHAIN_KEYS
from fpt_calc.pipeline_file.entries import DATA_KEYS, FIT_KEYS, TEACHER_KEYS
from fpt_calc.pipeline_file.entries import FITS as FITS_BY_NAME
from fpt_calc.pipeline_file.loader import KEYS
from fpt_calc.point import Dense, NumericModel
from fpt_calc.problem import parse_formula
from fpt_calc.scalars import ONE, ZERO, Scalar, dimension, scalar

FOLDER = Path(__file__).parent / "problems" / "pipelines"
FILES = sorted(FOLDER.glob("*.toml"))


def problem(name: str) -> PipelineProblem:
    return load_pipeline(FOLDER / f"{name}.toml")


def read(text: str) -> PipelineProblem:
    return pipeline_from_dict(tomllib.loads(text), None, "p.toml")


# files and their nodes -------------------------------------------------------------------------------------------


def test_there_are_files() -> None:
    assert {"strong_collapse", "generations", "weak_to_strong", "stale_teacher"} <= {path.stem for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_files_are_pipelines_with_values(path: Path) -> None:
    found = load_pipeline(path)
    assert is_pipeline(tomllib.loads(path.read_text(encoding="utf-8")))
    assert found.source == path.name
    assert found.point is not None
    model = NumericModel(found.point)
    for pipeline in found.pipelines.values():
        check_pipeline(pipeline)
        written = unrolled(pipeline, counts_at(pipeline, found.point))
        check_pipeline(written)
        assert all(model.size(design.size) > 0 for design in designs_of(written))
        assert not any(isinstance(data.labels, Generations) for data in datasets_of(written))
        for value in [
            *(design.size for design in designs_of(pipeline)),
            *(data.noise for data in datasets_of(pipeline)),
        ]:
            assert parse_formula(str(value), found.names, "again") == value  # every name is known


n, m, d, T, T0 = fc.dims("n m d T T0")
lam, mu, sigma1, sigma2, sigma0 = fc.scalars("lam mu sigma1 sigma2 sigma0", "positive")
Sigma, Gamma, Delta, Weak = (fc.matrix(name, d, d, "psd") for name in ("Sigma", "Gamma", "Delta", "Weak"))
w0 = fc.teacher("w0", d, fc.matrix("w0", d, 1))


def strong_collapse() -> Model:
    (p2,) = fc.scalars("p2", "fraction")
    w1 = fc.teacher("w1", d, covariance=Gamma)
    w2 = fc.teacher("w2", d, covariance=Delta, near=w1)
    real = fc.data("real", (1 - p2) * n, covariance=Sigma, labels=w1, noise=sigma1)
    synthetic = fc.data("synthetic", p2 * n, covariance=Sigma, labels=w2, noise=sigma2)
    return fc.model("student", fc.ridge(lam), [real, synthetic])


def generations() -> Model:
    (sigma,) = fc.scalars("sigma", "positive")
    (g,) = fc.scalars("g", "generations")
    synthetic = fc.data("synthetic", T0, covariance=Sigma, labels=fc.previous, noise=sigma0)
    chain = fc.generations(fc.model("generation", fc.ols(), [synthetic]), g, w0)
    last = fc.data("last", T, covariance=Sigma, labels=chain, noise=sigma)
    return fc.model("student", fc.ridge(lam), [last])


def weak_to_strong() -> Model:
    (sigma,) = fc.scalars("sigma", "nonnegative")
    weak = fc.model("weak", fc.ridge(mu), [fc.data("scarce", m, covariance=Weak, labels=w0, noise=sigma)])
    return fc.model("strong", fc.ridge(lam), [fc.data("labelled", n, covariance=Sigma, labels=weak)])


def stale_teacher() -> Model:
    (sigma,) = fc.scalars("sigma", "positive")
    now = fc.teacher("now", d, covariance=Gamma)
    current: Teacher | Model = fc.teacher("stale", d, covariance=Delta, near=now)
    for k, ridge in enumerate(["1/10", "1/20", lam], start=1):
        (size,) = fc.dims(f"n_synthetic_{k}")
        data = fc.data(f"synthetic_{k}", size, covariance=Sigma, labels=current, noise=sigma)
        current = fc.model(f"generation_{k}", fc.ridge(ridge), [data])
    (size,) = fc.dims("n_real")
    real = fc.data("real", size, covariance=Sigma, labels=now, noise=sigma)
    same = fc.data("same", design=real, labels=current)
    return fc.model("student", fc.ridge(lam), [real, same])


BUILT = [
    # (file, entry of [test], the model from Python, the name of the teacher)
    ("strong_collapse", "error", strong_collapse, "w1"),
    ("generations", "error", generations, "w0"),
    ("weak_to_strong", "strong_error", weak_to_strong, "w0"),
    ("stale_teacher", "error", stale_teacher, "now"),
]


@pytest.mark.parametrize(("name", "test", "build", "against"), BUILT, ids=[row[0] for row in BUILT])
def test_python_builds_the_nodes_of_the_files(name: str, test: str, build: Any, against: str) -> None:
    found = problem(name)
    pipeline = found.pipelines[test]
    model = build()
    assert pipeline.model == model
    teacher = next(t for t in teachers_of(Pipeline(model, w0)) if t.name == against)
    assert pipeline == Pipeline(model, teacher, Sigma, found.title)


def test_what_a_file_declares_besides_nodes() -> None:
    found = problem("strong_collapse")
    assert found.ratios == {"phi": d / n}
    assert found.commute == ()
    assert set(found.atoms) == {"Sigma", "Gamma", "Delta"}
    assert found.names["lam"] == lam
    stale = problem("stale_teacher")
    assert stale.sizes == {"n_real": 30, "n_synthetic_1": 50, "n_synthetic_2": 60, "n_synthetic_3": 80}
    assert stale.point is not None
    assert stale.point.dims == {"d": 40, **stale.sizes}
    assert set(stale.dims) == {"d", *stale.sizes}


def test_the_values_of_vectors() -> None:
    equal = problem("generations").point
    decaying = problem("weak_to_strong").point
    assert equal is not None
    assert decaying is not None
    for point, expected in (
        (equal, [1 / 40**0.5] * 40),
        (decaying, [0.5 / k**0.5 for k in range(1, 41)]),
    ):
        found = point.matrices["w0"]
        assert isinstance(found, Dense)
        np.testing.assert_allclose(found.array, expected, rtol=4 * np.finfo(float).eps)
    data = tomllib.loads((FOLDER / "generations.toml").read_text(encoding="utf-8"))
    data["at"] |= {"d": 2, "w0": {"matrix": [3, "1/2"]}}
    given = pipeline_from_dict(data, None, "p").point
    assert given is not None
    assert given.matrices["w0"].array.tolist() == [3, 0.5]  # type: ignore[union-attr]  # a dense array


SMALL = """
dims = ["n", "d"]
dim = "d"
[teachers]
w0 = { vector = "w0" }
[data]
real = { size = "n", labels = "w0" }
[models]
student = { fit = "ols", on = ["real"] }
[test]
error = { model = "student", against = "w0" }
"""

FITS = {
    'fit = "ols"': fc.ols(),
    'fit = "min-norm"': fc.min_norm(),
    'fit = "ridge", lam = 0.1': fc.ridge("1/10"),
    'fit = "projections", lam = 1, width = "n/2"': fc.projections(1, n / 2, name="student_projection"),
    'fit = "projections", lam = 1, width = 7, projection = "S"': fc.projections(1, dimension("width_S"), name="S"),
    'fit = "random-features", lam = 1, width = "2*d", linear = 0.5, nonlinear = "1/3"': fc.random_features(
        1, 2 * d, linear=0.5, nonlinear="1/3", name="student_projection"
    ),
}


@pytest.mark.parametrize(("text", "learner"), list(FITS.items()), ids=[t.split('"')[1] + str(len(t)) for t in FITS])
def test_fits(text: str, learner: Any) -> None:
    found = read(SMALL.replace('fit = "ols"', text))
    model = found.pipelines["error"].model
    assert isinstance(model, Model)
    assert model.learner == learner
    assert found.sizes == ({"width_S": 7} if "width = 7" in text else {})


def test_defaults_are_the_identity_and_no_noise() -> None:
    pipeline = read(SMALL).pipelines["error"]
    (data,) = datasets_of(pipeline)
    assert data == Dataset("real", Design("real", n, d, None), w0, ZERO)
    assert pipeline.covariance is None
    text = SMALL.replace('size = "n"', 'size = "n", covariance = "identity", noise = 0')
    assert read(text).pipelines["error"] == pipeline


def test_teachers() -> None:
    w2 = 'w2 = { near = "w1", displacement = "Sigma" }'
    text = edited(FULL, w2, 'w2 = { near = "w1", vector = "delta" }\nw3 = { near = "w2", displacement = "Sigma" }')
    found = read(edited(text, 'labels = "w2"', 'labels = "w3"'))
    w1 = fc.teacher("w1", d, covariance=Sigma)
    second = fc.teacher("w2", d, vector=fc.matrix("delta", d, 1), near=w1)
    w3 = fc.teacher("w3", d, covariance=Sigma, near=second)
    assert {t.name: t for t in teachers_of(found.pipelines["error"])} == {"w0": w0, "w1": w1, "w2": second, "w3": w3}


def test_the_dimension_is_that_of_the_matrices() -> None:
    vector = edited(SMALL, 'dim = "d"', '[matrices]\nw0 = { shape = ["d", 1] }')
    assert read(vector).pipelines == read(SMALL).pipelines
    only = edited(edited(SMALL, 'dims = ["n", "d"]\ndim = "d"', 'dims = ["d"]'), 'size = "n"', "size = 9")
    assert {t.dim for t in teachers_of(read(only).pipelines["error"])} == {d}
    none = edited(SMALL, 'dim = "d"', "")
    assert "dims: the inputs could have dimension d or n" in one_line(tomllib.loads(none), None)


def test_two_models_share_a_projection() -> None:
    text = SMALL.replace('labels = "w0" }', 'labels = "w0" }\nsecond = { size = 9, labels = "first" }').replace(
        'student = { fit = "ols", on = ["real"] }',
        'first = { fit = "projections", lam = 1, width = "2*d", projection = "S", on = ["real"] }\n'
        'student = { fit = "projections", lam = 2, width = "2*d", projection = "S", on = ["second"] }',
    )
    first, student = models_of(read(text).pipelines["error"])
    assert first.learner.projection == student.learner.projection  # type: ignore[union-attr]  # both have one


CHAIN = """
dims = ["n", "T", "d"]
dim = "d"
[scalars]
g = "generations"
sigma = "positive"
[teachers]
w0 = { vector = "w0" }
[generations]
count = "g"
start = "w0"
data = { size = "T", labels = "previous", noise = "sigma" }
model = { fit = "min-norm" }
[test]
error = { model = "generations", against = "w0" }
"""
(g,) = fc.scalars("g", "generations")
(sigma,) = fc.scalars("sigma", "positive")


def chain_of(text: str) -> Generations | Model:
    return read(text).pipelines["error"].model


def edited(text: str, old: str, new: str) -> str:
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1)


DATA = 'data = { size = "T", labels = "previous", noise = "sigma" }'


def test_one_chain() -> None:
    step = Model("generation", MinNorm(), (Dataset("synthetic", Design("synthetic", T, d), PREVIOUS, sigma),))
    assert chain_of(CHAIN) == Generations("generations", step, g, w0)
    assert chain_of(edited(CHAIN, '"g"\n', "3\n")) == Generations("generations", step, scalar(3), w0)
    assert chain_of(edited(CHAIN, '"g"\n', '"2*g + 1"\n')) == Generations("generations", step, 2 * g + 1, w0)


def test_inputs_of_generations() -> None:
    reused = chain_of(edited(CHAIN, DATA, DATA[:-1] + ', design = "reused" }'))
    assert isinstance(reused, Generations)
    assert reused.reused == {"synthetic"}
    data = 'data.b = { design = "a", labels = "w0" }\ndata.a = { size = "T", labels = "previous" }'
    shared = chain_of(edited(CHAIN, DATA, data))
    assert isinstance(shared, Generations)
    assert [x.name for x in shared.step.on] == ["b", "a"]
    assert {x.design for x in shared.step.on} == {Design("a", T, d)}
    assert shared.reused == frozenset()
    outer = edited(CHAIN, DATA, 'data = { design = "real", labels = "previous" }')
    outer = edited(outer, "[test]", '[data]\nreal = { size = "n", labels = "w0" }\n[models]\n'
                   'first = { fit = "ols", on = ["real"] }\n[test]')  # fmt: skip
    found = chain_of(edited(outer, 'start = "w0"', 'start = "first"'))
    assert isinstance(found, Generations)
    assert found.step.on == (Dataset("synthetic", Design("real", n, d), PREVIOUS),)
    assert found.reused == {"real"}
    written = unrolled(Pipeline(found, w0), {"generations": 3})
    assert designs_of(written) == (Design("real", n, d),)


def test_several_chains_in_any_order() -> None:
    text = CHAIN.replace("[generations]", "[generations.late]").replace('start = "w0"', 'start = "early"', 1)
    text = text.replace('model = "generations"', 'model = "late"')
    text += '[generations.early]\ncount = 2\nstart = "w0"\nmodel = { fit = "ols" }\n' + DATA
    late = chain_of(text)
    assert isinstance(late, Generations)
    assert (late.name, late.step.name, late.step.on[0].name) == ("late", "late_generation", "late_synthetic")
    assert isinstance(late.start, Generations)
    assert (late.start.name, late.start.count) == ("early", scalar(2))


def test_lists_write_generations_out() -> None:
    """Different generations are the models that a chain of equal ones becomes when it is written out."""
    equal = unrolled(read(edited(CHAIN, '"g"\n', "3\n")).pipelines["error"])
    lists = read(edited(edited(CHAIN, 'count = "g"\n', ""), '"T", labels', '["T", "T", "T"], labels'))
    assert lists.pipelines["error"].model == equal.model
    reused = edited(CHAIN, DATA, DATA[:-1] + ', design = "reused" }')
    equal = unrolled(read(edited(reused, '"g"\n', "2\n")).pipelines["error"])
    varied = edited(edited(reused, '"g"\n', "2\n"), 'noise = "sigma"', 'noise = ["sigma", "sigma"]')
    assert read(varied).pipelines["error"].model == equal.model
    different = edited(edited(CHAIN, 'count = "g"\n', ""), '"T", labels', '["T", 50], labels')
    found = read(edited(different, '"min-norm"', '"ridge", lam = [1, "sigma"]'))
    first, second = models_of(found.pipelines["error"])
    assert (first.learner, second.learner) == (fc.ridge(1), fc.ridge(sigma))
    assert [x.size for x in designs_of(found.pipelines["error"])] == [T, dimension("n_synthetic_2")]
    assert found.sizes == {"n_synthetic_2": 50}
    matrices = '[matrices]\nA = { shape = ["d", "d"], psd = true }\nB = { shape = ["d", "d"], psd = true }\n[scalars]'
    shifted = edited(edited(CHAIN, 'count = "g"\n', ""), DATA, DATA[:-1] + ', covariance = ["A", "B", "identity"] }')
    designs = designs_of(read(edited(shifted, "[scalars]", matrices)).pipelines["error"])
    assert [x.covariance for x in designs] == [fc.matrix("A", d, d, "psd"), fc.matrix("B", d, d, "psd"), None]


def test_long_chains_with_two_data_sets_are_quick() -> None:
    """Each model is the parent of two data sets: what visits a node once for each path never ends."""
    data = 'data.a = { size = "T", labels = "previous" }\ndata.b = { size = [' + '"n",' * 200
    text = edited(edited(CHAIN, 'count = "g"\n', ""), DATA, data + '], labels = "previous" }')
    pipeline = read(text).pipelines["error"]
    assert len(models_of(pipeline)) == 200
    assert len(models_of(unrolled(pipeline))) == 200


def test_assumptions_are_pairs() -> None:
    text = SMALL.replace('dim = "d"', 'dim = "d"\nassume = ["d < n", "2*n > d"]')
    assert read(text).assume == ((d, n), (d, 2 * n))


def test_a_symbolic_count_has_its_value_at_the_point() -> None:
    text = CHAIN + '[at]\nn = 4\nT = 3\nd = 5\ng = 4\nsigma = "1/2"\nw0 = { norm = 2 }\n'
    found = read(text)
    assert found.point is not None
    assert counts_at(found.pipelines["error"], found.point) == {"generations": 4}


def test_labels_and_models_in_any_order() -> None:
    """The tables of a file can stand in any order."""
    data = tomllib.loads((FOLDER / "weak_to_strong.toml").read_text(encoding="utf-8"))
    backwards = {k: dict(reversed(v.items())) if isinstance(v, dict) else v for k, v in reversed(data.items())}
    assert pipeline_from_dict(backwards, None, "p").pipelines == pipeline_from_dict(data, None, "p").pipelines


def test_every_name_of_the_point_is_real() -> None:
    """What stands under names are expressions and scalars only."""
    for path in FILES:
        assert all(isinstance(value, Expr | Scalar) for value in load_pipeline(path).names.values())


# the document ----------------------------------------------------------------------------------------------------

DOCUMENT = (Path(__file__).parent.parent / "docs" / "pipelines.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)
EXAMPLES = [block for block in BLOCKS if not block.startswith("# a sketch")]


@pytest.mark.parametrize(
    ("text", "name"), list(zip(EXAMPLES, ["strong_collapse", "generations", "weak_to_strong"], strict=True))
)
def test_the_examples_of_the_document_are_the_files(text: str, name: str) -> None:
    expected = problem(name)
    assert {t: p.model for t, p in read(text).pipelines.items()} == {t: p.model for t, p in expected.pipelines.items()}


@pytest.mark.parametrize("text", [block for block in BLOCKS if block not in EXAMPLES])
def test_the_sketches_of_the_document_are_not_read_yet(text: str) -> None:
    """A sketch that is read belongs among the examples."""
    declared = 'dims = ["n", "T", "d"]\n[scalars]\ng = "generations"\np1 = "fraction"\nsigma = "positive"\n'
    declared += 'lam = "positive"\na = "positive"\n[matrices]\nSigma = { shape = ["d", "d"], psd = true }\n'
    teacher = '[teachers]\nw0 = { vector = "w0" }\n' if '"w0"' in text else ""
    assert "unknown key" in one_line(tomllib.loads(declared + teacher + text), None)
    without = re.sub(r', (weight = "\w+"|keep = true)', "", text)
    if without != text:
        assert read(declared + teacher + without).pipelines  # all but the new key is today's language


@pytest.mark.parametrize("word", sorted({*KEYS, *TEACHER_KEYS, *DATA_KEYS, *FITS_BY_NAME, *FIT_KEYS, *CHAIN_KEYS}))
def test_the_document_has_every_key(word: str) -> None:
    assert f"`{word}`" in DOCUMENT or f"`[{word}]`" in DOCUMENT


# bad files -------------------------------------------------------------------------------------------------------

FULL = """
title = "all"
dims = ["n", "T", "d"]
assume = ["T < d"]
[scalars]
lam = "positive"
g = "generations"
s = "positive"
x = "real"
[matrices]
Sigma = { shape = ["d", "d"], psd = true }
Theta = { shape = ["d", "d"], symmetric = true }
Wide = { shape = ["T", "d"] }
[teachers]
w0 = { vector = "w0" }
w1 = { covariance = "Sigma" }
w2 = { near = "w1", displacement = "Sigma" }
[generations]
count = "g"
start = "w0"
data = { size = "n", covariance = "Sigma", labels = "previous", noise = "s" }
model = { fit = "ols" }
[data]
real = { size = "n", covariance = "Sigma", labels = "w2", noise = "s" }
last = { size = 150, labels = "generations" }
same = { design = "real", labels = "w1" }
[models]
student = { fit = "ridge", on = ["real", "last", "same"], lam = "lam" }
[test]
error = { model = "student", against = "w0", covariance = "Sigma" }
"""
VALUES = """
[at]
n = 100
T = 20
d = 40
lam = 1
g = 2
s = 1
x = 1
Sigma = { identity = 1 }
Theta = { identity = 1 }
Wide = { matrix = "wide.npy" }
w0 = { norm = 1 }
"""
CHAIN_DATA = 'data = { size = "n", covariance = "Sigma", labels = "previous", noise = "s" }'

BAD: list[tuple[str, str, tuple[str, ...]]] = [
    # (what is replaced in FULL, by what, what the line has to say)
    # tables and keys
    ("[teachers]", "[teacher]", ("teacher: unknown key", "did you mean 'teachers'?")),
    ('title = "all"', "title = 3", ("title: 3 is not a title",)),
    ("[test]", "[tests]", ("tests: unknown key", "did you mean 'test'?")),
    ('w1 = { covariance = "Sigma" }', 'w1 = "Sigma"', ("teachers.w1: 'Sigma' is not a table",)),
    ('error = { model = "student", against = "w0", covariance = "Sigma" }', "", ("test: nothing is tested",)),
    # names
    ("[models]\nstudent", "[models]\nreal", ("models.real: two declarations for one name", "data")),
    ("w1 = {", "lam = {", ("teachers.lam: two declarations for one name: 'lam'", "scalars")),
    ("error = {", "s = {", ("test.s: two declarations for one name",)),
    ("w1 = { cov", "Sigma = { cov", ("teachers.Sigma: two declarations for one name", "matrices")),
    ("same = {", "synthetic = {", ("'synthetic' also stands under",)),
    ("same = {", '"a b" = {', ("data.a b: 'a b' is not a name",)),
    ("same = {", "previous = {", ("data.previous: 'previous' is a word of pipeline files",)),
    ("lam =", "fresh =", ("scalars.fresh: 'fresh' is a word of pipeline files",)),
    ("same = {", "synthetic_3 = {", ("data.synthetic_3: 'synthetic_3' is the name of a generation of synthetic",)),
    ("x =", "n_last =", ("data.last.size: the name n_last is needed here",)),
    # dimension
    ('title = "all"', 'dim = "e"', ("dim: unknown name 'e'",)),
    ('title = "all"', "dim = 3", ("dim: the fixed dimension 3",)),
    ('title = "all"', 'dim = "lam"', ("dim: shape lam contains no declared dimension",)),
    ("[matrices]\n", '[matrices]\nOther = { shape = ["n", "n"] }\n', ("dims: the inputs could have dimension d or n",)),
    # matrices
    ("[matrices]\n", '[matrices]\nX = { shape = ["n", "d"], law = "gaussian", variance = 1 }\n', ("matrices.X.law",)),
    ("psd = true }", 'psd = true, field = "complex" }', ("matrices.Sigma.field: a complex matrix",)),
    ('labels = "w2"', 'labels = "w2", covarianc = "Sigma"', ("data.real.covarianc: unknown key", "'covariance'?")),
    ('covariance = "Sigma", labels = "w2"', 'covariance = "Simga", labels = "w2"', (
        "data.real.covariance: unknown matrix 'Simga'", "did you mean 'Sigma'?")),
    ('covariance = "Sigma", labels = "w2"', 'covariance = "Theta", labels = "w2"', ("Theta is not known to be psd",)),
    ('covariance = "Sigma", labels = "w2"', 'covariance = "Wide", labels = "w2"', ("data.real.covariance: Wide is T",)),
    ('covariance = "Sigma", labels = "w2"', 'covariance = "lam", labels = "w2"', ("lam is not a matrix",)),
    ('covariance = "Sigma", labels = "w2"', 'covariance = "2*Sigma", labels = "w2"', ("unknown matrix '2*Sigma'",)),
    ('against = "w0", covariance = "Sigma"', 'against = "w0", covariance = "S"', ("test.error.covariance: unknown",)),
    ('title = "all"', 'commute = [["Sigma", "Wide"]]', ("commute: Wide of shape T x d cannot commute",)),
    # teachers
    ('x = "real"', 'w0 = "real"', ("teachers.w0.vector: w0 is declared under scalars",)),
    ('{ covariance = "Sigma" }', "{}", ("teachers.w1: a teacher without weights", "covariance or vector")),
    ('{ covariance = "Sigma" }', '{ covariance = "Sigma", vector = "u" }', ("teachers.w1: weights given twice",)),
    ('{ covariance = "Sigma" }', '{ displacement = "Sigma" }', ("teachers.w1: a displacement from nowhere", "near")),
    ('{ covariance = "Sigma" }', '{ covariance = "identity" }', ("teachers.w1.covariance: random weights need",)),
    ('{ covariance = "Sigma" }', "{ covariance = 1 }", ("teachers.w1.covariance: 1 is not a name", "in quotes")),
    ("displacement =", "covariance =", ("teachers.w2.covariance: a covariance beside near", "write displacement")),
    (', displacement = "Sigma"', "", ("teachers.w2: a teacher without weights", "displacement or vector")),
    ('near = "w1"', 'near = "w3"', ("teachers.w2.near: unknown name 'w3'", "name a teacher")),
    ('near = "w1"', 'near = "w2"', ("teachers.w2: a circle: w2 is displaced from w2",)),
    ('near = "w1"', 'near = "real"', ("teachers.w2.near: real is a data set", "name a teacher")),
    ('{ vector = "w0" }', '{ vector = "Sigma" }', ("teachers.w0.vector: Sigma is d x d", 'shape = ["d", 1]')),
    ('{ vector = "w0" }', '{ vector = "lam" }', ("teachers.w0.vector: lam is declared under scalars",)),
    ('{ vector = "w0" }', '{ vector = "w 0" }', ("teachers.w0.vector: 'w 0' is not a name",)),
    # data
    ('size = "n", covariance = "Sigma", labels = "w2"', 'labels = "w2"', ("data.real: a data set without its size",)),
    ('labels = "w2", ', "", ("data.real: no labels", 'add labels = "NAME"')),
    ('labels = "w2"', 'labels = "w3"', ("data.real.labels: unknown name 'w3'",)),
    ('labels = "w2"', 'labels = "last"', ("data.real.labels: last is a data set", "a teacher or a model or a chain")),
    ('labels = "w2"', 'labels = "previous"', ("data.real.labels: labels by the previous model outside",)),
    ('labels = "w2"', "labels = ['w2']", ("data.real.labels: ['w2'] is not a name",)),
    ('labels = "w2"', 'labels = "student"', (
        "a circle: ", "student is trained on ", "which is labelled by student")),
    ("size = 150", "size = 1.5", ("data.last.size: dimension 3/2 is not a positive integer",)),
    ("size = 150", "size = 0", ("data.last.size: dimension 0 is not a positive integer",)),
    ("size = 150", 'size = "-n"', ("data.last.size: the dimension -n is not positive",)),
    ("size = 150", 'size = "lam"', ("data.last.size: shape lam contains no declared dimension",)),
    ("size = 150", 'size = "n**2"', ("data.last.size: shape n**2 does not grow in proportion",)),
    ("size = 150", 'size = "N"', ("data.last.size: unknown name 'N'",)),
    ("size = 150", 'size = "Sigma"', ("data.last.size: Sigma is not a dimension",)),
    ("size = 150", "size = [10, 20]", ("data.last.size: [10, 20] is not a formula",)),
    ('labels = "w2", noise = "s"', 'labels = "w2", noise = "-s"', ("data.real.noise: the noise -s is negative",)),
    ('labels = "w2", noise = "s"', 'labels = "w2", noise = "Sigma"', ("data.real.noise: Sigma is not a number",)),
    ('labels = "w2", noise = "s"', 'labels = "w2", noise = "tau(Sigma)"', ("data.real.noise: tau(Sigma) is not",)),
    ('labels = "w2", noise = "s"', 'labels = "w2", noise = "1j"', ("data.real.noise: 1j is not real",)),
    ('labels = "w2", noise = "s"', 'labels = "w2", noise = true', ("data.real.noise: True is not a formula",)),
    ('design = "real"', 'design = "reused"', ("data.same.design: reused inputs outside of generations",)),
    ('design = "real"', 'design = "rael"', ("data.same.design: unknown name 'rael'", "did you mean 'real'?")),
    ('design = "real"', 'design = "w1"', ("data.same.design: w1 is a teacher", "name a data set")),
    ('design = "real"', 'design = "same"', ("data.same: a circle: same has the inputs of same",)),
    ('design = "real"', 'design = "synthetic"', ("data.same.design: synthetic is a data set inside of generations",)),
    ('design = "real"', 'design = "real", size = "n"', ("data.same.size: the inputs are those of real", "remove size")),
    ('"last", "same"]', '"last"]', ("data.same: a data set on which no test depends", "or remove it")),
    # models
    ('fit = "ridge", ', "", ("models.student: a model without its fit", "ols, min-norm, ridge")),
    ('fit = "ridge"', 'fit = "rigde"', ("models.student.fit: unknown fit 'rigde'", "did you mean 'ridge'?")),
    ('fit = "ridge"', 'fit = ["ridge"]', ("models.student.fit: unknown fit ['ridge']",)),
    ('fit = "ridge"', 'fit = "ols"', ("models.student.lam: the fit ols has no lam", "or use the fit ridge")),
    ('fit = "ridge"', 'fit = "projections"', ("models.student: the fit projections without width", 'width = "k"')),
    ('fit = "ridge"', 'fit = "ridge", projection = "S"', ("the fit ridge has no projection", "projections or random")),
    (', lam = "lam" }', " }", ("models.student: the fit ridge without lam",)),
    (', lam = "lam" }', ", lam = 0 }", ("models.student.lam: the ridge 0", "use the fit ols or min-norm")),
    (', lam = "lam" }', ', lam = "-lam" }', ("models.student.lam: the ridge -lam",)),
    (', lam = "lam" }', ', lam = "n*Sigma" }', ("models.student.lam", "is not a number")),
    (', lam = "lam" }', ', lam = "lma" }', ("models.student.lam: unknown name 'lma'", "did you mean 'lam'?")),
    ('on = ["real", "last", "same"]', "on = []", ("models.student: a model without data",)),
    ('on = ["real", "last", "same"]', 'on = "real"', ("models.student.on: 'real' is not a list of names",)),
    ('on = ["real", "last", "same"]', 'on = ["real", "real"]', ("models.student.on: the data set real twice",)),
    ('on = ["real", "last", "same"]', 'on = ["rael"]', ("models.student.on: unknown name 'rael'", "'real'?")),
    ('on = ["real", "last", "same"]', 'on = ["w0"]', ("models.student.on: w0 is a teacher", "name a data set")),
    ('lam = "lam" }\n', 'lam = "lam" }\nidle = { fit = "ols", on = ["real"] }\n', ("models.idle: a model on which",)),
    # generations
    ('start = "w0"\n', "", ("generations: no start",)),
    ('start = "w0"', 'start = "w9"', ("generations.start: unknown name 'w9'",)),
    ('start = "w0"', 'start = "real"', ("generations.start: real is a data set",)),
    ('start = "w0"', 'start = "student"', ("a circle: ", "generations, which starts from student")),
    ('count = "g"\n', "", ("generations: no number of generations", 'count = "g"')),
    ('count = "g"', "cuont = 2", ("generations.cuont: unknown key", "did you mean 'count'?")),
    ('count = "g"', 'count = "lam"', ("generations.count: lam is not a number of generations", 'lam = "generations"')),
    ('count = "g"', 'count = "n"', ("generations.count: n is not a number of generations",)),
    ('count = "g"', 'count = "g/2"', ("generations.count: g/2 is not an integer",)),
    ('count = "g"', "count = 2.5", ("generations.count: 5/2 is not an integer",)),
    ('count = "g"', "count = -1", ("generations.count: the number of generations -1 is negative",)),
    ('count = "g"', "count = true", ("generations.count: True is not a formula",)),
    ('model = { fit = "ols" }\n', "", ("generations: generations without a model",)),
    ('model = { fit = "ols" }', 'model = { fit = "ols", on = ["real"] }', ("generations.model.on: on in generations",)),
    (
        'model = { fit = "ols" }',
        'model = { fit = "projections", lam = 1, width = "n", projection = "S" }',
        ("generations.model.projection: projection in generations",),
    ),
    (CHAIN_DATA, "", ("generations: generations without data",)),
    (CHAIN_DATA, 'data = "real"', ("generations.data: 'real' is not a table",)),
    ('labels = "previous"', 'labels = "w0"', ("generations.data: no generation learns from the one before",)),
    ('labels = "previous"', 'labels = "previous", design = "w0"', ("generations.data", "which has its size")),
    (CHAIN_DATA, 'data = { labels = "previous", design = "w0" }', ("generations.data.design: w0 is a teacher",)),
    (CHAIN_DATA, 'data.a = { labels = "previous", design = "b" }\ndata.b = { labels = "w0", design = "a" }', (
        "generations.data.a.design: the inputs of b are those of another data set", "'a'")),
    (CHAIN_DATA, 'data.s = { size = "n", labels = "previous" }', ("generations.data.s: two declarations",)),
    (CHAIN_DATA, 'data.a = { size = "n", labels = "previous", size2 = 1 }', ("generations.data.a.size2: unknown key",)),
    ('"n", covariance = "Sigma", labels = "previous"', '["n", 5], labels = "previous"', (
        "generations.count: g generations, and lists for 2",)),
    ('"n", covariance = "Sigma", labels = "previous", noise = "s"', '["n", 5], labels = "previous", noise = [1]', (
        "generations.data.noise: 1 entries, while generations.data.size has 2", "one entry for each")),
    ('"n", covariance = "Sigma", labels = "previous"', '[], labels = "previous"', (
        "generations.data.size: a list of 0 generations",)),
    ('"n", covariance = "Sigma", labels = "previous"', '["n"], design = "reused", labels = "previous"', (
        "generations.data.size: a list for the size of reused inputs",)),
    # tests
    (', against = "w0"', "", ("test.error: no against",)),
    ('model = "student"', 'model = "w0"', ("test.error.model: w0 is a teacher", "a model or a chain of generations")),
    ('model = "student"', 'model = "studnet"', ("test.error.model: unknown name", "did you mean 'student'?")),
    ('against = "w0"', 'against = "student"', ("test.error.against: student is a model", "name a teacher")),
    ('model = "student"', 'modell = "student"', ("test.error.modell: unknown key", "did you mean 'model'?")),
    # assumptions
    ('"T < d"', '"T <= d"', ("assume: 'T <= d' is not one strict inequality", 'write "T0 < d"')),
    ('"T < d"', '"T < d < n"', ("assume: 'T < d < n' is not one strict inequality",)),
    ('["T < d"]', '"T < d"', ("assume: not a list of inequalities",)),
    ('"T < d"', '"T < 3"', ("assume: the number 3 in an inequality",)),
    ('"T < d"', '"T < lam"', ("assume: shape lam contains no declared dimension",)),
    ('"T < d"', '"T < D"', ("assume: unknown name 'D'",)),
    ('"T < d"', '"T < T"', ("assume: T < T",)),
    ('"T < d"', '"T < d", "d < T"', ("assume: T < d cannot hold with the others",)),
    ('"T < d"', '"n < d"', ("assume: least squares of generation with n < d samples",)),
    ('"T < d"', '" < d"', ("assume: an empty formula",)),
]  # fmt: skip

BAD_VALUES: list[tuple[str, str, tuple[str, ...]]] = [
    # (what is replaced in FULL + VALUES, by what, what the line has to say)
    ("d = 40\n", "", ("at: no value for d",)),
    ("w0 = { norm = 1 }\n", "", ("at: no value for w0",)),
    ("g = 2", "g = 2.5", ("at.g: value 5/2 contradicts g = 'generations'",)),
    ("g = 2", "g = -1", ("at.g: value -1 contradicts g = 'generations'",)),
    ("n = 100", "n = 100\nn_last = 3", ("at.n_last: this size is a number elsewhere in the file",)),
    ("n = 100", "n = 30", ("at: least squares of generation with 30 samples in 40 dimensions", "min-norm")),
    ("n = 100", "n = 40", ("at: least squares of generation with 40 samples in 40 dimensions", "min-norm")),
    ('"T < d"', '"2*T < d"', ("at: these values contradict assume: 2*T < d",)),
    ('"T < d"', '"3*T < d"', ("at: these values contradict assume: 3*T < d",)),
    ("w0 = { norm = 1 }", "w0 = { norm = 0 }", ("at.w0: the norm 0 is not positive",)),
    ("w0 = { norm = 1 }", "w0 = 1", ("at.w0: 1 is not the value of a vector", "{ norm = 1 }")),
    ("w0 = { norm = 1 }", "w0 = { identity = 1 }", ("at.w0: identity: unknown key",)),
    ("w0 = { norm = 1 }", "w0 = { norm = 1, power_law = 1 }", ("at.w0: two values at once",)),
    ("w0 = { norm = 1 }", "w0 = { norm = 1, scale = 1 }", ("at.w0: scale: unknown key",)),
    ("w0 = { norm = 1 }", "w0 = {}", ("at.w0: no value of a vector",)),
    ("w0 = { norm = 1 }", "w0 = { matrix = [1, 2] }", ("at.w0: an array of shape (2,)",)),
    ("w0 = { norm = 1 }", "w0 = { power_law = [1] }", ("at.w0: [1] is not a number",)),
    ("Theta = { identity = 1 }", "Theta = { norm = 1 }", ("at.Theta: norm: unknown key",)),
    ("lam = 1\n", "lam = 0\n", ("at.lam: value 0 contradicts lam = 'positive'",)),
    ("Sigma = { identity = 1 }", "Sigma = { eigenvalues = [1, 2] }", ("at.Sigma: 2 eigenvalues for dimension",)),
    ('lam = "lam"', 'lam = "x - 2"', ("at: the ridge x - 2 of student is not positive",)),
    ('labels = "w2", noise = "s"', 'labels = "w2", noise = "s - 2"', ("at: the noise s - 2 of real is negative",)),
    ('count = "g"', 'count = "g - 3"', ("at: g - 3 = -1 generations",)),
    ('size = 150', 'size = "n - 3*d"', ("at: dimension n - 3*d = -20 is not positive",)),
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("arrays")
    np.save(path / "wide.npy", np.ones((20, 40)))
    return path


def one_line(data: Mapping[str, Any], folder: Path | None) -> str:
    with pytest.raises(InputError) as error:
        pipeline_from_dict(data, folder, "p.toml")
    line = str(error.value)
    assert "\n" not in line
    assert line.startswith("p.toml: ")
    assert len(line) < 500
    assert error.value.remedy
    return line


def test_the_unchanged_files_are_good(folder: Path) -> None:
    assert read(FULL).point is None
    assert pipeline_from_dict(tomllib.loads(FULL + VALUES), folder, "p.toml").point is not None
    assert len(BAD) > 40


@pytest.mark.parametrize(("old", "new", "fragments"), BAD, ids=[f"{k}-{row[1][:30]}" for k, row in enumerate(BAD)])
def test_bad_files(old: str, new: str, fragments: tuple[str, ...], folder: Path) -> None:
    line = one_line(tomllib.loads(edited(FULL, old, new)), folder)
    for fragment in fragments:
        assert fragment in line


@pytest.mark.parametrize(("old", "new", "fragments"), BAD_VALUES, ids=[row[1][:30] or row[0] for row in BAD_VALUES])
def test_bad_values(old: str, new: str, fragments: tuple[str, ...], folder: Path) -> None:
    line = one_line(tomllib.loads(edited(FULL + VALUES, old, new)), folder)
    for fragment in fragments:
        assert fragment in line


def test_projections_of_one_name_have_one_width() -> None:
    second = 'b = { fit = "projections", lam = 1, width = "2*n", projection = "S", on = ["real"] }\nstudent'
    text = edited(
        FULL, 'student = { fit = "ridge"', f'{second} = {{ fit = "projections", width = "n", projection = "S"'
    )
    text += 'other = { model = "b", against = "w0" }\n'
    assert "width n, while the same projection S has 2*n" in one_line(tomllib.loads(text), None)
    assert read(text.replace('"2*n"', '"n"')).pipelines.keys() == {"error", "other"}
    taken = text.replace('"2*n"', '"n"').replace('projection = "S"', 'projection = "lam"')
    assert "models.b.projection: the name lam is needed here, and declared elsewhere" in one_line(
        tomllib.loads(taken), None
    )


def test_what_is_too_large_or_too_deep() -> None:
    data = tomllib.loads(edited(SMALL, "[test]", "[at]\nn = 1000000000\nd = 100000000\nw0 = { norm = 1 }\n[test]"))
    assert "at.w0: a vector of more than 10000000 entries" in one_line(data, None)
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    assert "nested too deeply" in one_line(data | {"title": deep}, None)


def test_a_long_row_of_models() -> None:
    """Models that label one another are as good as generations: nothing recurses through them."""
    data = tomllib.loads(SMALL)
    for k in range(600):
        data["data"][f"data_{k}"] = {"size": "n", "labels": f"model_{k - 1}" if k else "w0"}
        data["models"][f"model_{k}"] = {"fit": "min-norm", "on": [f"data_{k}"]}
    data["data"]["real"]["labels"] = "model_599"
    assert len(models_of(pipeline_from_dict(data, None, "p.toml").pipelines["error"])) == 601


def test_a_teacher_may_have_the_name_of_another_vector() -> None:
    pipeline = read(edited(FULL, '{ vector = "w0" }', '{ vector = "w1" }')).pipelines["error"]
    teacher = next(t for t in teachers_of(pipeline) if t.name == "w0")
    assert teacher.vector == fc.matrix("w1", d, ONE)


# mutated files ---------------------------------------------------------------------------------------------------

JUNK = (
    *(0, -1, 1.5, True, float("nan"), 10**400, "", "n", "lam", "w0", "real", "student", "generations", "previous"),
    *("reused", "identity", "1j", "((", "n + Sigma", "é", "a" * 5000, [], [[]], ["real"], ["n", "n"], [1, "x"], {}),
    *({"x": {}}, {"size": "n", "labels": "w0"}, {"fit": "ols", "on": ["real"]}, {"vector": "w0"}, {"norm": "1e400"}),
)


def mutated(data: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """One or two changes anywhere: something removed, renamed, copied from elsewhere, or replaced by another value."""
    result = copy.deepcopy(data)
    for _ in range(rng.randint(1, 2)):
        places = [t for t in tables_in(result) if t]
        table, other = rng.choice(places), rng.choice(places)
        key = rng.choice(list(table))
        match rng.randrange(8):
            case 0:
                del table[key]
            case 1:
                table[key] = copy.deepcopy(rng.choice(JUNK))
            case 2:
                table[rng.choice(["x", "lam", "d", "real", "synthetic_1", "n_last", key + "_"])] = table.pop(key)
            case 3:
                table[key] = copy.deepcopy(rng.choice(list(other.values())))
            case 4:
                other[key] = copy.deepcopy(table[key])
            case _:  # a value that stands under the same key elsewhere
                leaf = rng.choice([t for t in places if not any(isinstance(v, dict) for v in t.values())])
                same = rng.choice(list(leaf))
                leaf[same] = copy.deepcopy(rng.choice([t[same] for t in places if same in t]))
    return result


def tables_in(value: Any) -> list[dict[str, Any]]:
    """A table and all tables below it."""
    if not isinstance(value, dict):
        return []
    return [value, *(t for part in value.values() for t in tables_in(part))]


STARTS = [tomllib.loads(path.read_text(encoding="utf-8")) for path in FILES] + [tomllib.loads(FULL + VALUES)]


@pytest.mark.parametrize("first", range(0, 1000, 50))
def test_mutated_files_end_in_one_line(first: int, folder: Path) -> None:
    """Of 50 mutated files some are read, and the others refused in one line."""
    read_well = sum(
        is_read(mutated(STARTS[k % len(STARTS)], random.Random(k)), folder) for k in range(first, first + 50)
    )
    assert 0 < read_well < 40


def is_read(data: Mapping[str, Any], folder: Path) -> bool:
    """Whether a file is read; what is read is well formed, what is not is refused in one line."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = pipeline_from_dict(data, folder, "p.toml")
        except InputError as error:
            line = str(error)
            assert line.startswith("p.toml: ")
            assert "\n" not in line
            assert len(line) < 800
            return False
    for pipeline in found.pipelines.values():
        check_pipeline(pipeline)
    return True


# from Python -----------------------------------------------------------------------------------------------------

real = fc.data("real", n, labels=w0)

BAD_CALLS = [
    (lambda: fc.teacher("w", d), "w: a teacher needs a vector or a covariance"),
    (lambda: fc.teacher("w", d, fc.matrix("w", d, 1), Gamma), "w: a teacher needs a vector or a covariance"),
    (lambda: fc.teacher("w", d, fc.matrix("w", n, 1)), "w: the vector is not a real deterministic matrix of shape d x"),
    (lambda: fc.teacher("w", n, covariance=Gamma), "w: the covariance is not a real deterministic matrix"),
    (lambda: fc.teacher("w", d, covariance=fc.matrix("T", d, d)), "w: the covariance T is not known to be psd"),
    (lambda: fc.teacher("w", 3, covariance=Gamma), "w: the fixed size 3"),
    (lambda: fc.teacher("w", d, covariance=Gamma, near=real), "w: near is not a teacher"),  # type: ignore[arg-type]
    (lambda: fc.teacher("w 1", d, covariance=Gamma), "'w 1' is not a name"),
    (lambda: fc.data("a", 150, labels=w0), "a: the fixed size 150"),
    (lambda: fc.data("a", labels=w0), "a: a data set without its size"),
    (lambda: fc.data("a", n, labels=fc.previous), "a: inputs of unknown dimension; give dim=d"),
    (lambda: fc.data("a", n, labels=w0, noise=-1), "a: the noise -1 is negative"),
    (lambda: fc.data("a", n, labels=w0, noise="x"), "a: the noise 'x' is not a number"),
    (lambda: fc.data("a", n, labels=w0, noise=1j), "a: the noise 1j is not real"),
    (lambda: fc.data("a", n, labels="w0"), "a: labels by 'w0'"),  # type: ignore[arg-type]
    (lambda: fc.data("a", n, labels=w0, design=real), "a: inputs given twice"),
    (lambda: fc.data("a", labels=w0, design="real"), "a: the design 'real'"),  # type: ignore[arg-type]
    (lambda: fc.model("m", fc.ols(), []), "m: a model without data"),
    (lambda: fc.model("m", fc.ols(), [real, real]), "m: two data sets of one name"),
    (lambda: fc.model("m", "ols", [real]), "m: 'ols' is not a fit"),  # type: ignore[arg-type]
    (lambda: fc.model("m", fc.ols(), [real, fc.data("b", n, m, labels=fc.previous)]), "m: data sets of different dim"),
    (lambda: step_of(start=real), "generations: a start from Dataset"),
    (lambda: fc.ridge(0), "lam: the ridge 0"),
    (lambda: fc.ridge("-1/2"), "lam: the ridge -1/2"),
    (lambda: fc.projections(1, 5, name="S"), "S: the fixed size 5"),
    (lambda: fc.generations(fc.model("m", fc.ols(), [real]), 3, w0), "generations: no generation learns from"),
    (lambda: step_of(count=n), "generations: n generations"),
    (lambda: step_of(count=-1), "generations: -1 generations"),
    (lambda: step_of(count="1/2"), "generations: 1/2 generations"),
    (lambda: step_of(reused=[real]), "generations: no inputs 'real' to reuse; there are a"),
]


def step_of(count: Any = 2, reused: Any = (), start: Any = w0) -> Generations:
    step = fc.model("m", fc.ols(), [fc.data("a", n, d, labels=fc.previous)])
    return fc.generations(step, count, start, reused)


@pytest.mark.parametrize(("call", "start"), BAD_CALLS, ids=[row[1][:40] for row in BAD_CALLS])
def test_bad_calls(call: Any, start: str) -> None:
    with pytest.raises(InputError) as error:
        call()
    assert str(error.value).startswith(start)
    assert "\n" not in str(error.value)


def test_reused_inputs_by_their_data() -> None:
    step = fc.model("m", fc.ols(), [data := fc.data("a", n, d, labels=fc.previous)])
    assert fc.generations(step, 2, w0, [data]).reused == {"a"}

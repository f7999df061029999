"""The error of a pipeline in the limit, as data."""

from __future__ import annotations

from dataclasses import dataclass

from fpt_calc.derivation import LimitLaw
from fpt_calc.learning.fit import Fits
from fpt_calc.learning.maps import StageMap
from fpt_calc.learning.program import LawDefinition, Program
from fpt_calc.learning.spectrum import ChainSpectrum
from fpt_calc.learning.stages import Stage
from fpt_calc.learning.tower import State
from fpt_calc.logic import Status
from fpt_calc.pipeline import (
    Pipeline,
)
from fpt_calc.scalars import Scalar


@dataclass(frozen=True)
class DerivedStage:
    """A stage with its random matrices and its map.

    ``law``: from which its parameters are computed; None where they are roots of their relations, the ridge being zero.
    ``suffix``: what its parameters and degrees of freedom are told apart by.
    """

    stage: Stage
    fits: Fits
    map: StageMap
    law: LimitLaw | None
    suffix: str = ""


@dataclass(frozen=True)
class Taken:
    """A stage with the quadratic form before and after its randomness was averaged out."""

    item: DerivedStage
    before: State
    after: State


@dataclass(frozen=True)
class DerivedError:
    """The error of a pipeline in the limit.

    Attributes
    ----------
    stated : the pipeline as it was asked for.
    pipeline : as it was derived, chains with reused designs written out, or taken as one fit where that is exact.
    program : its values.
    stages : the stages in the order of time, with their maps.
    conditions : what was assumed of dimensions, as pairs (smaller, larger).
    spectra : of the chains of generations that stay loops, where their map is a multiplication plus rank one.
    on_training_data : whether it is the mean squared residual on the data of the tested model.
    tower : the stages on which the error depends, from the last to the first; None where the program names the forms
        between them, or takes models together.
    """

    stated: Pipeline
    pipeline: Pipeline
    program: Program
    stages: tuple[DerivedStage, ...]
    conditions: tuple[tuple[Scalar, Scalar], ...]
    spectra: tuple[ChainSpectrum, ...] = ()
    on_training_data: bool = False
    tower: tuple[Taken, ...] | None = None

    @property
    def laws(self) -> tuple[LimitLaw, ...]:
        """The laws that the values rest on."""
        own = [d.law for d in self.program.definitions if isinstance(d, LawDefinition)]
        return (*(item.map.law for item in self.stages), *own)

    @property
    def status(self) -> Status:
        """The worst of the laws that the values rest on."""
        return max((law.derivation.status for law in self.laws), default=Status.EXACT)

"""Training pipelines as data: who teaches whom, on which data, with which learner (floor 3)."""

from fpt_calc.pipeline.check import check_pipeline
from fpt_calc.pipeline.learners import (
    OLS,
    Learner,
    MinNorm,
    ProjectedRidge,
    Projection,
    RandomFeatures,
    Ridge,
    is_ridgeless,
    projection_of,
)
from fpt_calc.pipeline.nodes import (
    PREVIOUS,
    Dataset,
    Design,
    Generations,
    LabelSource,
    Model,
    Pipeline,
    Previous,
    Teacher,
)
from fpt_calc.pipeline.truth import with_true_labels
from fpt_calc.pipeline.unroll import number_of_generations, unrolled
from fpt_calc.pipeline.walk import contents, datasets_of, designs_of, generations_of, models_of, teachers_of

__all__ = [
    "OLS",
    "PREVIOUS",
    "Dataset",
    "Design",
    "Generations",
    "LabelSource",
    "Learner",
    "MinNorm",
    "Model",
    "Pipeline",
    "Previous",
    "ProjectedRidge",
    "Projection",
    "RandomFeatures",
    "Ridge",
    "Teacher",
    "check_pipeline",
    "contents",
    "datasets_of",
    "designs_of",
    "generations_of",
    "is_ridgeless",
    "models_of",
    "number_of_generations",
    "projection_of",
    "teachers_of",
    "unrolled",
    "with_true_labels",
]

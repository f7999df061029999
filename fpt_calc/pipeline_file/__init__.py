"""Pipeline files: training pipelines that a file states in words of the field (floor 5; docs/pipelines.md).

TOML ──entries──▶ names, references ──order──▶ each after what it needs ──build──▶ nodes ──values──▶ PipelineProblem
"""

from fpt_calc.pipeline_file.data import PipelineProblem
from fpt_calc.pipeline_file.loader import is_pipeline, load_pipeline, pipeline_from_dict, read_inequality
from fpt_calc.pipeline_file.values import counts_at

__all__ = ["PipelineProblem", "counts_at", "is_pipeline", "load_pipeline", "pipeline_from_dict", "read_inequality"]

"""Pictures of limits and of scaling laws (floor 13).

matplotlib is an extra and is imported when something is drawn.
"""

from fpt_calc.plot.curves import Curve, Picture, Points, draw, scale_of
from fpt_calc.plot.growth import Asymptote, log_log, sampled

__all__ = [
    "Asymptote",
    "Curve",
    "Picture",
    "Points",
    "draw",
    "log_log",
    "sampled",
    "scale_of",
]

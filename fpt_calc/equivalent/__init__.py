"""Deterministic equivalents of random matrices (floor 11)."""

from fpt_calc.equivalent.find import equivalent
from fpt_calc.equivalent.joint import JointEquivalents, joint_equivalents
from fpt_calc.equivalent.result import Equivalent

__all__ = ["Equivalent", "JointEquivalents", "equivalent", "joint_equivalents"]

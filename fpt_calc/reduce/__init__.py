"""Reduction of fixed-point systems: closure, merging, linear elimination, relations (floor 8)."""

from fpt_calc.reduce.reduction import reduce_system

__all__ = ["reduce_system"]

"""Systems in ball arithmetic: the block matrix G, its averages and derivatives (floor 6)."""

from fpt_calc.balls.blocks import BallBlocks, BallSystem
from fpt_calc.balls.linear import inverse_of_blocks, solve_linear

__all__ = ["BallBlocks", "BallSystem", "inverse_of_blocks", "solve_linear"]

"""Scaling laws: exponents, constants and regimes (floor 11)."""

"""Scaling laws: spectral sums, exponents by regimes, Zipf learners, fits of measured curves (floor 11)."""

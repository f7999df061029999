"""Scaling laws: asymptotics of spectral functionals, exponents by regimes, Zipf learners, fits of measured curves (floor 11)."""

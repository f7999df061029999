"""Scaling laws: spectra with their asymptotics, exponents, constants and regimes (floor 11)."""

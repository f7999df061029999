"""Asymptotics of spectral functionals as the effective ridge kappa tends to zero."""

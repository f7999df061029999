"""Certified numbers: enclosures by Krawczyk's operator, and the physical branch by the covariance map (floor 7)."""

from fpt_calc.certify.certificate import Certified, certify

__all__ = ["Certified", "certify"]

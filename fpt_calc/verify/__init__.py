"""A small checker of certificates (floor 4); imports nothing of this program but its errors.

To be read in this order: `certificate`, `read` and `consistent` (what is stated), `formula` and `model` (what formulas
are worth), `laws` and `dyson` (the self-energy), `identities` and `variety` (what is checked modulo a prime), `balls`
(what is checked in ball arithmetic), `check`.  The theorems relied on stand in the docstrings; docs/certificates.md
tells the whole.
"""

from fpt_calc.verify.check import Finding, Report, verify

__all__ = ["Finding", "Report", "verify"]

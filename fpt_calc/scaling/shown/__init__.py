"""Scaling laws made ready to be shown: text, short constants, diagrams as polygons, expressions of sympy."""

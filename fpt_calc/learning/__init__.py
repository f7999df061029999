"""Training pipelines: their test error, its bias and variance, generation by generation (floor 12)."""

"""Which cases of parametrized tests are long: they run with `-m slow`, their shorter companions always."""

from __future__ import annotations

import pytest

# parts of test names; a case is slow where all parts of one row occur in it
LONG = (
    ("test_witnesses_of_random_pairs",),
    ("test_closed_form", "none[94]"),
    ("test_closed_form", "none[21]"),
    ("test_closed_form", "none[38]"),
    ("test_limits", "projected-lam-0+-sizes9"),
    ("test_limits", "projected noise-lam-0+-sizes19"),
    ("test_numpy_code", "projected_two_groups"),
    ("test_numpy_code", "several_groups"),
    ("test_latex_compile", "projected_two_groups"),
    ("test_latex_compile", "several_groups"),
    ("test_latex_compile", "strong_collapse_projections"),
    ("test_pipeline_latex", "strong_collapse_projected"),
    ("test_pipeline_latex", "accumulated"),
    ("test_pipeline_latex", "isotropic_ridge"),
    ("test_pipeline_latex", "four_ridges"),
    ("test_derivations", "all_its_checks[several_groups"),
    ("test_derivations", "strong_collapse_projections_pipeline"),
    ("test_derivations", "about_a_pipeline", "[model_collapse_ridge"),
    ("test_derivations", "about_a_pipeline", "[interpolating_generators_ridge"),
    ("test_pipeline_fuzz", "[151]"),
    ("test_pipeline_review", "generations_from_random_features"),
    ("test_pipeline_review", "inputs_twice"),
    ("test_pipeline_theorems", "synthetic_data_alone"),
    ("test_pipeline_latex", "ridges_that_are_numbers"),
    ("test_pipeline_latex", "[three_generations"),
    ("test_pipeline_latex", "[training_error"),
    ("test_pipeline_latex", "[random_features"),
    ("test_learning", "can_amplify_errors"),
    ("test_learning", "limit_is_reached[fit0"),
    ("test_learning", "real data in every generation"),
    ("test_learning", "two groups that do not commute"),
    ("test_theorem", "projected_two_groups"),
    ("test_theorem", "several_groups"),
    ("test_theorem", "strong_collapse"),
    ("test_theorem", "_is_refused[wishart"),
    ("test_theorem", "_is_refused[ridge_variance"),
    ("test_theorem", "_is_refused[marchenko_pastur"),
    ("test_latex_claims", "[random_projections"),
    ("test_latex_claims", "[deterministic_equivalents"),
    ("test_latex_claims", "[strong_collapse"),
    ("test_latex_claims", "[covariate_shift"),
    ("test_verify", "of_a_file_passes", "optimal_ridge"),
    ("test_verify", "of_a_file_passes", "projected_two_groups"),
    ("test_verify", "of_a_file_passes", "strong_collapse_projections"),
    ("test_verify", "of_a_file_passes", "random_projections"),
    ("test_verify", "of_a_file_passes", "several_groups"),
    ("test_verify", "are_refused", "two_groups"),
    ("test_a_changed_coefficient_in_a_relation_is_refused",),
    ("test_strong_collapse_figures", "projections"),
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the long cases before the selection by marks."""
    for item in items:
        if any(all(part in item.nodeid for part in row) for row in LONG):
            item.add_marker(pytest.mark.slow)

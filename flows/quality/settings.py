"""Limits of what counts as unusual in a month; they change no finding, no outcome and no file."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]


class QualitySettings(BaseModel):
    """Holds the limits of the checks in sql/quality/checks/; docs/settings.md has the reason for each default.

    Names that end in `deviations` are in standard deviations, those in `share` and `change` are shares, those in `days`
    are days, and `chance` is a probability.  The others are numbers of months or of records.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    least_months: Count = 3
    least_records: Count = 10
    volume_deviations: Positive = 4.0
    volume_change: Share = 0.2
    chance: Annotated[float, Field(gt=0, lt=1)] = 0.00001
    new_code_records: Count = 3
    share_deviations: Positive = 4.5
    share_change: Share = 0.1
    one_code_share: Share = 0.98
    not_stated_share: Share = 0.5
    no_abode_share: Share = 0.1
    swapped_share: Share = 0.3
    reception_to_triage_days: Count = 28
    triage_to_start_days: Count = 42
    last_end_to_discharge_days: Count = 28
    discharge_to_exit_days: Count = 28
    negative_share: Share = 0.01
    median_deviations: Positive = 5.0
    interval_days: Count = 7
    closure_deviations: Positive = 6.0
    closure_records: Count = 10
    closure_share: Share = 0.3
    audit_scores: Count = 40
    no_opiate_share: Share = 0.1
    doubled_share: Share = 0.02
    elsewhere_share: Share = 0.02

"""The traps of the definitions, each by its name."""

import pytest

from tests.rules.judging import judge_worlds
from tests.rules.world import ABSCONDED, DISCHARGED, RELEASED, TRANSFERRED, Edit, World

_DIED = {**ABSCONDED, "EXITRSN": "D", "DISRSN": "89"}
_SECURE_HOSPITAL = "NON-NDTMS-SECURE"


def _told(given: World | Edit) -> set[str]:
    """Every rule that one world breaks."""
    world = given if isinstance(given, World) else World(given)
    return set(judge_worlds([world]).findings["rule"])


@pytest.mark.parametrize("sex", ["M", "F"])
@pytest.mark.parametrize("pregnant", ["Y", "N", ""])
def test_pregnant_is_not_limited_to_women(sex: str, pregnant: str) -> None:
    assert _told({"SEX": sex, "PREGNANT": pregnant}) == set()


def test_a_blank_disable1_is_neither_nn_nor_zz() -> None:
    assert _told({"DISABLE1": "", "DISABLE2": "1", "DISABLE3": "3"}) == {"DISABLE1.blank", "DISABLE2.gap"}
    for code in ("NN", "ZZ"):
        found = _told({"DISABLE1": code, "DISABLE2": "1", "DISABLE3": "3"})
        assert found == {"DISABLE2.after_none", "DISABLE3.after_none"}


def test_childwth_98_is_no_number_of_children() -> None:
    no_parent = {"PARENT": "N", "PRNTSTAT": "", "EHCS": ""}
    assert _told({**no_parent, "CHILDWTH": "98"}) == set()
    assert _told({**no_parent, "CHILDWTH": "97"}) == {"EHCS.missing"}
    assert _told({**no_parent, "CHILDWTH": "99"}) == {"CHILDWTH.range"}
    # 98 is not 0 either: the client may well live with children.
    assert _told({**no_parent, "CHILDWTH": "98", "EHCS": "1"}) == set()


@pytest.mark.parametrize("code", ["5", "99"])
def test_after_ehcs_99_and_5_no_other_help_is_reported(code: str) -> None:
    assert _told({"EHCS": code}) == set()
    assert _told({"EHCS": code, "EHCS2": "1", "EHCS3": "2"}) == {"EHCS2.after_none", "EHCS3.after_none"}


@pytest.mark.parametrize("code", ["1", "6", "7"])
def test_after_other_ehcs_more_help_may_be_recorded(code: str) -> None:
    assert _told({"EHCS": code, "EHCS2": "2", "EHCS3": "3"}) == set()


def test_death_in_treatment_is_reported_as_discharge_and_exit() -> None:
    assert _told(_DIED) == set()
    assert _told({**_DIED, "DISRSN": "85"}) == {"DISRSN.died"}
    assert _told({**_DIED, "EXITRSN": "A"}) == {"DISRSN.died"}


def test_death_after_treatment_leaves_the_discharge_as_it_was() -> None:
    assert _told({**_DIED, "DISRSN": "80", "EXITD": "2023-03-20"}) == set()


def test_an_exit_with_another_episode_open() -> None:
    other = {"EPISODID": "F@", "TRIAGED": "2022-11-02", "INTRCPTD": "2022-11-01", "RECPDT": "2022-11-01"}
    received = {"INTRCPTD": "2022-11-01", "RECPDT": "2022-11-01"}
    ended = {**ABSCONDED, **other, "DISD": "2022-12-24", "DISRSN": "80"}
    treated = ({"MODID": "N@", "EPISODID": "F@", "MODST": "2022-11-03", "MODEND": "2022-12-20"},)
    assert _told(World({**ABSCONDED, **received}, episodes=(ended,), interventions=treated)) == set()
    found = _told(World({**ABSCONDED, **received}, episodes=(other,), interventions=treated))
    assert found == {"EXITD.other_open", "EXITD.of_one_stay", "TRIAGED.overlap", "MODEND.all_ended"}


def test_deportation_leads_out_of_the_country() -> None:
    deported = {**RELEASED, "DISRSN": "98", "RTOAGNCY": "NONE"}
    assert _told({**deported, "EXITDEST": "OUTSIDE-UK"}) == set()
    assert _told({**deported, "EXITDEST": "E06000001"}) == {"EXITDEST.deported"}


def test_release_from_court_is_a_release_without_referral() -> None:
    court = {**RELEASED, "DISRSN": "99", "RTOAGNCY": "NONE"}
    assert _told(court) == set()
    assert _told({**court, "RTOAGNCY": "RECOVERY"}) == {"DISRSN.released_from_court"}
    transferred = {**TRANSFERRED, "DISRSN": "99"}
    assert _told(transferred) == {"DISRSN.released_from_court"}


def test_a_secure_hospital_takes_no_referral() -> None:
    hospital = {**RELEASED, "DISRSN": "83", "EXITDEST": _SECURE_HOSPITAL, "RTOAGNCY": "NONE"}
    assert _told(hospital) == set()
    assert _told({**hospital, "EXITDEST": "E06000001"}) == {"RTOAGNCY.transferred"}


@pytest.mark.parametrize("modal", ["ALCOHOL-BRIEF", "MUTUAL-AID"])
def test_interventions_that_are_not_reported_alone(modal: str) -> None:
    assert _told({"MODAL": modal}) == {"MODAL.isolated"}
    assert _told(World({"MODAL": modal}, interventions=({"MODID": "N@", "MODAL": "DRW"},))) == set()


def test_a_discharge_may_leave_the_client_in_the_setting() -> None:
    assert _told(DISCHARGED) == set()

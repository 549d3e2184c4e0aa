"""The page of the rules' cases is that of the cases as they are now."""

from tests.rules.printed_cases import PAGE, build_page


def test_the_page_is_current() -> None:
    # `make docs` writes it.
    assert PAGE.read_text(encoding="utf-8") == build_page()


def test_a_rule_has_a_case_of_each_kind() -> None:
    section = build_page().split("\n## EXITD.order\n")[1].split("\n## ")[0]
    assert "| Breaches the rule | " in section and "EXITD = `" in section
    assert "| Does not breach it | " in section

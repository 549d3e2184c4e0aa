"""The word check finds what it looks for."""

import pytest

from tests.architecture.check_words import forbidden_words, names_in, words_in


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("for each in fields:\n    pass", [1]),
        ("names = [each for each in fields]", [1]),
        ("parse = lambda each: each", [1]),
        ("for field in fields:\n    each_name = field", []),
        ('raise ValueError(f"{name} is no field")', [1]),
        ('raise ValueError("there is no field")', []),
        ('raise ValueError("the file is no longer there")', []),
    ],
)
def test_names_are_found(source: str, lines: list[int]) -> None:
    assert list(names_in(source)) == lines


def test_words_are_found_whole_and_in_any_case() -> None:
    assert list(words_in("It is Told.\nuntold\ntold", ["told"])) == [1, 3]


def test_the_style_page_lists_the_words() -> None:
    words = forbidden_words("`make check` fails on:")
    assert {"held against", "speaks of"} <= set(words)

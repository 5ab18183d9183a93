"""Letters never run out and never clash."""

from __future__ import annotations

from unicodedata import normalize

from indexcalc.elaborate.names import split_letters
from indexcalc.notation.letters import Letters


def test_letters_are_all_different_and_each_is_one_index() -> None:
    letters = Letters(["i", "a"])
    fresh = [letters.fresh() for _ in range(2000)]
    assert len({normalize("NFC", letter) for letter in [*fresh, "i", "a"]}) == 2002
    assert all(split_letters(letter) == [letter] for letter in fresh)


def test_confusing_letters_come_last() -> None:
    letters = Letters([], avoid=["j", "x"])
    assert [letters.fresh() for _ in range(3)] == ["i", "k", "l"]


def test_wishes_that_are_no_letters_are_passed_over() -> None:
    letters = Letters(["i"])
    assert letters.fresh(["0", "i", "q"]) == "q"


def test_long_names_are_used_only_where_wished_for() -> None:
    letters = Letters(["head"])
    assert letters.fresh(["head", "dim"]) == "dim"
    assert letters.fresh() == "i"


def test_terms_of_a_sum_may_share_letters() -> None:
    letters = Letters([])
    before = letters.used
    first = letters.fresh()
    letters.used = before
    assert letters.fresh() == first

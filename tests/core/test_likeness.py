"""How alike texts are, estimated from short signatures."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cert_portal.core import likeness
from cert_portal.core.text import tokens

WORDS = st.lists(st.sampled_from([f"word{n}" for n in range(400)]), min_size=120, max_size=300, unique=True)


@given(WORDS, WORDS, st.integers(0, 120))
def test_the_estimate_is_near_the_true_share_of_common_words(mine: list[str], theirs: list[str], common: int) -> None:
    other = mine[:common] + [f"other{word}" for word in theirs]
    one, two = set(mine), set(other)
    truly = 100 * len(one & two) / len(one | two)
    told = likeness.percent(likeness.signature(" ".join(mine)), likeness.signature(" ".join(other)))
    assert abs(told - truly) < 35
    assert told == likeness.percent(likeness.signature(" ".join(other)), likeness.signature(" ".join(mine)))


def test_order_case_and_repetition_do_not_matter_and_a_change_shows() -> None:
    text = "Your parcel is waiting: pay the fee of 12 dollars at https://post.example/pay today or it goes back"
    same = likeness.signature(text)
    assert likeness.percent(same, likeness.signature(f"{text.upper()} {text}")) == 100
    changed = likeness.percent(same, likeness.signature(text.replace("12", "15").replace("today", "now")))
    assert 50 <= changed < 100
    chinese = likeness.signature("你的包裹正在等候，請即繳付費用十二元，否則將會退回寄件人")
    assert likeness.percent(same, chinese) < 20


def test_texts_that_are_alike_share_a_mark_and_marks_are_words_of_the_index() -> None:
    words = [f"word{n}" for n in range(100)]
    one, two = (
        likeness.signature(" ".join(words)),
        likeness.signature(" ".join([*words[:85], "and", "a", "few", "others"])),
    )
    assert set(likeness.marks(one)) & set(likeness.marks(two))
    assert len(likeness.marks(one)) == likeness.BINS // likeness.ROWS
    assert all(tokens(mark) != [] and mark.replace("_", "").isalnum() for mark in likeness.marks(one))


def test_few_words_say_too_little() -> None:
    assert likeness.signature("please help me now") == b""
    assert likeness.percent(b"", likeness.signature(" ".join(f"w{n}" for n in range(9)))) == 0
    assert likeness.marks(b"") == []

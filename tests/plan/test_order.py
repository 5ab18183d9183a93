"""Contraction order: valid, never dearer than left to right, the same in every process."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import assume, given
from hypothesis import strategies as st

from indexcalc.plan.estimate import product_time
from indexcalc.plan.order import pairs, work

Labels = tuple[int, ...]
SIZES = {0: 2, 1: 3, 2: 20, 3: 100, 4: 7, 5: 1}


def left_to_right(count: int) -> list[tuple[int, int]]:
    return [(0, 1)] + [(count + k, k + 2) for k in range(count - 2)]


networks = st.tuples(
    st.lists(
        st.lists(st.sampled_from(sorted(SIZES)), min_size=1, max_size=3, unique=True).map(tuple),
        min_size=2,
        max_size=6,
    ),
    st.sets(st.sampled_from(sorted(SIZES)), max_size=3),
)


@given(networks)
def test_never_slower_than_left_to_right(network: tuple[list[Labels], set[int]]) -> None:
    operands, output = network
    # labels that one operand alone has are summed before the order is asked for
    count = Counter(x for labels in operands for x in labels)
    operands = [tuple(x for x in own if count[x] > 1 or x in output) for own in operands]
    operands = [own for own in operands if own]
    assume(len(operands) > 1)
    kept = output & {x for labels in operands for x in labels}
    found = pairs(operands, kept, SIZES)
    assert len(found) == len(operands) - 1
    naive = left_to_right(len(operands))
    ours, theirs = (work(operands, kept, order, SIZES) for order in (found, naive))
    assert 0.9 * ours.flops <= theirs.flops or ours.weighted <= theirs.weighted


def test_matrices_times_a_vector_start_at_the_vector() -> None:
    chain = [(k, k + 1) for k in range(7)] + [(7,)]
    sizes = dict.fromkeys(range(8), 100)
    steps = pairs(chain, {0}, sizes)
    assert steps[0] == (6, 7)
    assert product_time(chain, {0}, sizes) < 10 * product_time(chain[-2:], {6}, sizes)


def test_many_operands_take_little_time_and_leave_the_random_state_alone() -> None:
    ring = [(k, (k + 1) % 60) for k in range(60)]
    state = random.getstate()
    steps = pairs(ring, set(), dict.fromkeys(range(60), 4))
    assert random.getstate() == state
    assert work(ring, (), steps, dict.fromkeys(range(60), 4)).flops <= 60 * 2 * 4**3


def test_forty_factors_with_one_label() -> None:
    steps = pairs([(0,)] * 40 + [(0, 1)], {1}, {0: 10, 1: 10})
    assert len(steps) == 40
    assert steps[-1] in ((40, 79), (79, 40))

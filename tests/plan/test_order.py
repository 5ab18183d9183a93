"""Contraction order: valid, never dearer than left to right, the same in every process."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from time import process_time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indexcalc.plan.estimate import product_time
from indexcalc.plan.order import _searched, order_time, pairs

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
    ours, theirs = (order_time(operands, kept, order, SIZES) for order in (found, naive))
    assert ours <= theirs


def test_matrices_times_a_vector_start_at_the_vector() -> None:
    chain = [(k, k + 1) for k in range(7)] + [(7,)]
    sizes = dict.fromkeys(range(8), 100)
    steps = pairs(chain, {0}, sizes)
    assert steps[0] == (6, 7)
    assert product_time(chain, {0}, sizes) < 10 * product_time(chain[-2:], {6}, sizes)


def multiplications(
    operands: Sequence[Labels], steps: Sequence[tuple[int, int]], sizes: Mapping[int, int]
) -> int:
    """Those of all steps, for a network of which nothing is kept."""
    alive = {number: set(own) for number, own in enumerate(operands)}
    total = 0
    for number, (left, right) in enumerate(steps, start=len(operands)):
        first, second = alive.pop(left), alive.pop(right)
        total += prod(sizes[label] for label in first | second)
        alive[number] = first ^ second
    return total


def test_many_operands_take_little_time_and_leave_the_random_state_alone() -> None:
    ring = [(k, (k + 1) % 60) for k in range(60)]
    sizes = dict.fromkeys(range(60), 4)
    state = random.getstate()
    steps = pairs(ring, set(), sizes)
    assert random.getstate() == state
    assert multiplications(ring, steps, sizes) <= 60 * 4**3


def grid(rows: int, columns: int) -> list[Labels]:
    """Labels of tensors in a grid, one for each bond."""
    bonds: dict[tuple[tuple[int, int], tuple[int, int]], int] = {}
    sites: dict[tuple[int, int], list[int]] = {
        site: [] for site in product(range(rows), range(columns))
    }
    for row, column in list(sites):
        for other in ((row, column + 1), (row + 1, column)):
            if other in sites:
                bond = bonds.setdefault(((row, column), other), len(bonds))
                sites[row, column].append(bond)
                sites[other].append(bond)
    return [tuple(own) for own in sites.values()]


@pytest.mark.parametrize(
    ("rows", "columns", "size", "best"), [(4, 5, 8, 6.5e6), (6, 6, 5, 8.5e6), (6, 10, 4, 12e6)]
)
def test_grids_are_as_cheap_as_long_searches_find(
    rows: int, columns: int, size: int, best: float
) -> None:
    """The best of ten thousand random orders of opt_einsum has 6.4, 9.0 and 10.9 million."""
    sites = grid(rows, columns)
    sizes = dict.fromkeys(range(max(map(max, sites)) + 1), size)
    start = process_time()
    steps = pairs(sites, set(), sizes)
    assert process_time() - start < 2.0
    assert multiplications(sites, steps, sizes) <= best
    assert list(_searched.__wrapped__(tuple(sites), (), tuple(sorted(sizes.items())))) == steps


def test_the_search_ends_for_large_networks_too() -> None:
    """Tensors joined at random: the number of parts that are tried is bounded."""
    chooser = random.Random(2)
    bonds = [tuple(chooser.sample(range(150), 2)) for _ in range(180)]
    network = [tuple(k for k, bond in enumerate(bonds) if site in bond) for site in range(150)]
    network = [own for own in network if own]
    start = process_time()
    steps = pairs(network, set(), dict.fromkeys(range(180), 2))
    assert process_time() - start < 8.0
    assert sorted(number for pair in steps for number in pair) == list(range(2 * len(steps)))


def test_forty_factors_with_one_label() -> None:
    steps = pairs([(0,)] * 40 + [(0, 1)], {1}, {0: 10, 1: 10})
    assert len(steps) == 40
    assert steps[-1] in ((40, 79), (79, 40))


def test_an_operand_that_is_read_on_its_diagonal() -> None:
    operands = [(1, 2, 0, 0), (0, 0), (2, 1), (3, 0, 3)]
    plain = [tuple(dict.fromkeys(labels)) for labels in operands]
    for kept in (set(), {0}, {1, 3}):
        steps = pairs(operands, kept, SIZES)
        assert len(steps) == 3
        assert order_time(operands, kept, steps, SIZES) == order_time(plain, kept, steps, SIZES)
        assert len(pairs(operands, kept, dict.fromkeys(SIZES, 0))) == 3

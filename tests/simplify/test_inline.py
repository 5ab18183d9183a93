from __future__ import annotations

from itertools import pairwise

import pytest

from indexcalc.errors import DifferentiationError, UnknownNameError
from indexcalc.ir.build import (
    add,
    apply,
    broadcast,
    builtin,
    call,
    derivative,
    linear,
    multiply,
    negate,
    number,
    ones,
    power,
    reciprocal,
    reduce,
    scale,
    variable,
)
from indexcalc.ir.contraction import contract
from indexcalc.ir.environment import DefinedFunction, Environment
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Apply, Function, Node, Variable
from indexcalc.simplify.inline import derivatives_left, inline
from indexcalc.simplify.lift import lift

M, N = Extent.named("m"), Extent.named("n")
W, X, B = variable("W", (M, N)), variable("x", (N,)), variable("b", (M,))
Z, Y = variable("z", (M,)), variable("y", (M,))
S = variable("s", ())
DEFINED = Function("σ", (0,), "defined")


def never(body: Node, parameter: Variable) -> Node:
    raise AssertionError("nothing has to be differentiated here")


def affine() -> Node:
    return add(contract([(W, "ij"), (X, "j")], "i"), B)


def test_names_are_opened_through_names() -> None:
    program = Environment({Z: affine(), Y: builtin("tanh", Z)})
    assert inline([Y], program, never) == [builtin("tanh", affine())]


def test_names_kept_stay() -> None:
    program = Environment({Z: affine(), Y: builtin("tanh", Z)})
    assert inline([Y, Z], program, never, {Z}) == [builtin("tanh", Z), Z]


def test_names_cut_by_a_derivative_stay_below_it_only() -> None:
    program = Environment({Z: affine(), Y: builtin("tanh", Z)})
    root = contract([(derivative(Y, [Z]), "ij"), (Z, "j")], "i")
    (opened,) = inline([root], program, never)
    cut = derivative(builtin("tanh", Z), [Z])
    assert opened is contract([(cut, "ij"), (affine(), "j")], "i")
    assert derivatives_left([opened])
    assert not derivatives_left([affine()])


def test_a_nested_derivative_keeps_the_names_that_an_outer_one_cuts() -> None:
    program = Environment({Z: affine(), Y: builtin("tanh", Z)})
    inner = derivative(Y, [X])
    (opened,) = inline([derivative(inner, [Z])], program, never)
    assert opened is derivative(derivative(builtin("tanh", Z), [X]), [Z])


def test_functions_are_applied_at_each_entry() -> None:
    z = variable("z", ())
    body = reciprocal(add(number(1), builtin("exp", negate(z))))
    program = Environment({Z: affine()}, {"σ": DefinedFunction("σ", (z,), body)})
    (opened,) = inline([apply(DEFINED, Z)], program, never)
    expected = reciprocal(add(ones((M,)), builtin("exp", negate(affine()))))
    assert opened is expected


def test_a_parameter_is_not_the_global_of_the_same_name() -> None:
    z = variable("z", ())
    body = multiply(z, S)  # σ(z) = s z, where s = z² of another z
    functions = {"σ": DefinedFunction("σ", (z,), body)}
    program = Environment({S: power(z, 2), z: scale(3, variable("t", ()))}, functions)
    t = variable("t", ())
    (opened,) = inline([apply(DEFINED, t)], program, never)
    assert opened is scale(9, power(t, 3))


def test_orders_differentiate_the_body_of_fresh_parameters() -> None:
    z = variable("z", ())
    seen: list[str] = []

    def differentiate(body: Node, parameter: Variable) -> Node:
        seen.append(parameter.name)
        return scale(2, body)

    program = Environment({}, {"σ": DefinedFunction("σ", (z,), builtin("exp", z))})
    (opened,) = inline([apply(Function("σ", (2,), "defined"), X)], program, differentiate)
    assert opened is scale(4, builtin("exp", X))
    assert seen == ["σ(z)"] * 2


def test_functions_of_functions_and_of_two_arguments() -> None:
    p, q = variable("p", ()), variable("q", ())
    inner = Function("g", (0, 0), "defined")
    functions = {
        "g": DefinedFunction("g", (p, q), linear([(1, multiply(p, p)), (2, q)], ())),
        "σ": DefinedFunction("σ", (q,), apply(inner, builtin("exp", q), q)),
    }
    (opened,) = inline([apply(DEFINED, X)], Environment({}, functions), never)
    assert opened is add(builtin("exp", scale(2, X)), scale(2, X)) or opened is add(
        multiply(builtin("exp", X), builtin("exp", X)), scale(2, X)
    )


def test_a_derivative_in_a_function_is_worked_out_before_arguments_are_put_in() -> None:
    z = variable("z", ())
    body = derivative(multiply(z, S), [S])
    program = Environment({}, {"σ": DefinedFunction("σ", (z,), body)})

    def differentiate(body: Node, parameter: Variable) -> Node:
        assert parameter is S
        return variable("σ(z)", ())

    assert inline([apply(DEFINED, S)], program, differentiate) == [S]


def test_a_body_with_inner_axes_is_lifted() -> None:
    z, c = variable("z", ()), variable("c", (N,))
    steps = builtin("tanh", add(broadcast(z, (N,), ()), c))
    body = contract([(c, "k"), (steps, "k")], "")
    lifted = lift(body, {z: B})
    wide = add(contract([(B, "i")], "ik", {"k": N}), contract([(c, "k")], "ik", {"i": M}))
    assert lifted is contract([(c, "k"), (builtin("tanh", wide), "ik")], "i")
    peak = lift(reduce("max", add(broadcast(z, (N,), ()), c), 1), {z: B})
    assert peak is reduce("max", wide, 1)


def test_a_constant_body_is_repeated() -> None:
    z = variable("z", ())
    assert lift(number(3), {z: B}) is scale(3, ones((M,)))


def test_a_matrix_function_of_a_parameter_is_refused() -> None:
    z = variable("z", ())
    body = call("det", contract([(z, "")], "ii", {"i": N}))
    with pytest.raises(DifferentiationError):
        lift(body, {z: B})


def test_a_function_without_a_body_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="σ"):
        inline([apply(DEFINED, X)], Environment(), never)


def test_a_long_chain_of_definitions() -> None:
    names = [variable(f"z{k}", ()) for k in range(20_000)]
    definitions: dict[Variable, Node] = {names[0]: S}
    for before, name in pairwise(names):
        definitions[name] = builtin("tanh", add(before, S))
    (opened,) = inline([names[-1]], Environment(definitions), never)
    assert isinstance(opened, Apply)


def test_a_wide_sum_of_names() -> None:
    names = [variable(f"z{k}", ()) for k in range(30_000)]
    bodies = [builtin("exp", variable(f"x{k}", ())) for k in range(30_000)]
    program = Environment(dict(zip(names, bodies, strict=True)))
    (opened,) = inline([linear([(1, name) for name in names], ())], program, never)
    assert opened is linear([(1, body) for body in bodies], ())

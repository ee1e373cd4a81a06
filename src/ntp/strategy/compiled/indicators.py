"""Indicators of a compiled strategy: when they advance and by what, as :mod:`ntp.strategy.indicators.book` does."""

from __future__ import annotations

from ntp.strategy.compiled.program import Program
from ntp.strategy.compiled.refusal import not_compilable
from ntp.strategy.compiled.source import attribute_line
from ntp.strategy.compiled.views import READINGS, kind_of
from ntp.strategy.indicators.declared import DeclaredIndicator
from ntp.strategy.indicators.indicator import BAR_FIELDS


def check_indicators(program: Program) -> None:
    """Refuse indicators without a compiled form.

    Raises
    ------
    StrategyError
        ``not_compilable``.
    """
    for name, each in program.declaration.indicators.items():
        what = f"the indicator {name!r}, which is your own" if each.custom is not None else ""
        if (each.on or "").startswith("x_"):
            what = f"the indicator {name!r} on a custom field"
        if what:
            raise not_compilable(
                program.name, what, *attribute_line(type(program.strategy), name), "compute it in analyze instead"
            )


def samples_of(program: Program) -> list[tuple[str, int]]:
    """Return fields, and durations, of which bars are made beside a contract's own."""
    inputs = program.declaration.inputs
    return sorted({
        (each.on, each.span) for each in program.declaration.indicators.values()
        if each.span is not None and each.on is not None and not (each.on in BAR_FIELDS and each.on not in inputs)
    })  # fmt: skip


def _declared(program: Program) -> list[tuple[int, DeclaredIndicator]]:
    return list(enumerate(program.declaration.indicators.values()))


def _value(program: Program, on: str | None) -> str:
    """Write what an indicator is computed from at a moment, None where it is absent."""
    if on is None:
        return "quoted_or_printed(me, k)"
    if on in program.declaration.inputs:
        place = program.one_of(program.inputs, on)
        return f"index_value(me, load_i64(link_at(me, 0).inputs, {place}))"
    return READINGS[on][0].format(k="k")


def imports_of(program: Program) -> list[str]:
    """Write the steps that the program uses."""
    names = sorted({kind_of(each).name for _, each in _declared(program)})
    if not names:
        return []
    return [
        "from ntp.statistics.indicators import indicator_named",
        *(f'step_{name} = kernel(indicator_named("{name}").step.py_func)' for name in names),
    ]


def indicator_text(program: Program) -> list[str]:
    """Write the functions that advance indicators."""
    keeps = "history" in program.declaration.reads
    parts = []
    for number, each in _declared(program):
        kind = kind_of(each)
        names = ", ".join(f"x{place}" for place in range(len(kind.inputs)))
        lines = ["@kernel", f"def advance_{number}(me, k, {names}):"]
        lines.append(f"    state = slots(indicator_place(me, k, {number}), indicator_width(me, {number}))")
        lines.append(f"    value = step_{kind.name}(state, {names})")
        lines.append(f"    keep_value(me, k, {number}, value)" if keeps else "    return value")
        parts.append("\n".join(lines))
    return [*parts, _woke(program), _sample(program), _sample_input(program), *_completes(program)]


def _woke(program: Program) -> str:
    lines = ["@kernel", "def woke(me, k):"]
    for number, each in _declared(program):
        if each.span is None:
            times = ", ".join(["value"] * len(kind_of(each).inputs))
            lines += [f"    value = {_value(program, each.on)}", "    if not is_none(value):"]
            lines += [f"        advance_{number}(me, k, {times})"]
    return "\n".join([*lines, "    return"])


def _sample(program: Program) -> str:
    lines = ["@kernel", "def sample(me, k):"]
    for place, (on, _) in enumerate(samples_of(program)):
        if on not in program.declaration.inputs:
            lines += [f"    value = {_value(program, on)}", "    if not is_none(value):"]
            lines += [f"        add_sample(me, k, {place}, value)"]
    return "\n".join([*lines, "    return"])


def _sample_input(program: Program) -> str:
    lines = ["@kernel", "def sample_input(me, number):"]
    for place, (on, _) in enumerate(samples_of(program)):
        if on in program.declaration.inputs:
            alias = program.one_of(program.inputs, on)
            lines += [f"    if load_i64(link_at(me, 0).inputs, {alias}) == number:"]
            lines += [f"        add_sample(me, number, {place}, index_value(me, number))"]
    return "\n".join([*lines, "    return"])


def _completes(program: Program) -> list[str]:
    """Write, for each duration, what its bars advance."""
    parts = []
    samples = samples_of(program)
    for bars, span in enumerate(program.spans):
        lines = ["@kernel", f"def completed_{bars}(me):", "    link = link_at(me, 0)"]
        lines += [f"    end_samples(me, {place})" for place, (_, length) in enumerate(samples) if length == span]
        due = [(number, each) for number, each in _declared(program) if each.span == span]
        if due:
            lines.append("    for k in range(context_of(me).n_contracts):")
            lines.append("        if load_i64(link.viewed, k) == 0 or load_i64(link.gone, k):")
            lines.append("            continue")
        for number, each in due:
            lines += ["        " + line for line in _advance(program, number, each, bars, samples)]
        parts.append("\n".join([*lines, "    return"]))
    return parts


def _advance(
    program: Program, number: int, each: DeclaredIndicator, bars: int, samples: list[tuple[str, int]]
) -> list[str]:
    inputs = kind_of(each).inputs
    key = (each.on or "", each.span or 0)
    if key not in samples:
        columns = inputs if len(inputs) > 1 else (each.on or "close",)
        values = ", ".join(f"newest(me, k, {bars}, {BAR_FIELDS.index(name)})" for name in columns)
        return [f"if not is_none(newest(me, k, {bars}, 3)):", f"    advance_{number}(me, k, {values})"]
    place, at = samples.index(key), "k"
    if each.on is not None and each.on in program.declaration.inputs:
        at = f"load_i64(link.inputs, {program.one_of(program.inputs, each.on)})"
    codes = [
        f"either(newest(me, k, {bars}, 4), 0.0)" if name == "volume" else f"bar.last_{name}"
        for name in (inputs if len(inputs) > 1 else ("close",))
    ]
    return [
        f"bar = sampled(me, {at}, {place})", "if bar.done:", f"    advance_{number}(me, k, {', '.join(codes)})",
    ]  # fmt: skip

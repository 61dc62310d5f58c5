"""`poe plot-adaptation`: twelve simulated weeks as a drawing, docs/adaptation.svg. The same each time."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path

from bench.simulation import FIRST_DAY, WEEKS, PerformedExercise, Simulation, accepted_changes, simulate

TARGET = Path(__file__).parents[1] / "docs" / "adaptation.svg"
SHOWN = ("back-squat", "bench-press", "overhead-press", "hip-thrust")
_WIDTH, _PANEL, _LEFT, _RIGHT, _TOP, _GAP = 900, 150, 60, 20, 84, 44
_LOAD, _MAXIMUM, _CHANGE, _QUIET = "#1f6feb", "#8250df", "#bf3989", "#57606a"


def drawing(simulation: Simulation) -> str:
    """The SVG: for each exercise the heaviest work set and the best e1RM of every session, and the plan's changes."""
    height = _TOP + len(SHOWN) * (_PANEL + _GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{height}" fill="white"/>',
        _text(_LEFT, 24, "Twelve simulated weeks: load and estimated maximum (e1RM), kg", size=16),
        _text(
            _LEFT,
            44,
            "Hurts a knee in week 7, deloads in week 6, misses weeks 9 and 10. Vertical lines: changes of the "
            "plan that were accepted.",
            fill=_QUIET,
        ),
        *_key("load of the heaviest work set", _LOAD, _LEFT),
        *_key("best e1RM (Epley)", _MAXIMUM, _LEFT + 230),
        *_key("accepted change", _CHANGE, _LEFT + 400),
    ]
    for number, slug in enumerate(SHOWN):
        parts += _panel(simulation, slug, _TOP + number * (_PANEL + _GAP) + 20)
    return "\n".join([*parts, "</svg>", ""])


def _panel(simulation: Simulation, slug: str, top: int) -> Iterable[str]:
    performed = [done for done in simulation.performed if done.exercise.slug == slug]
    loads = [(done.on, max(float(work.weight_kg or 0) for work in done.sets)) for done in performed]
    bests = [(done.on, _best(done)) for done in performed]
    low = min(kg for _, kg in loads) * 0.95
    high = max(kg for _, kg in bests) * 1.05

    def at(kg: float) -> float:
        return top + _PANEL * (1 - (kg - low) / (high - low))

    yield _text(_LEFT, top - 6, performed[0].exercise.name, size=13)
    width = _WIDTH - _LEFT - _RIGHT
    yield f'<rect x="{_LEFT}" y="{top}" width="{width}" height="{_PANEL}" fill="none" stroke="#d0d7de"/>'
    for kg in (low, (low + high) / 2, high):
        yield _text(_LEFT - 8, at(kg) + 4, f"{kg:.0f}", fill=_QUIET, anchor="end")
    for week in range(1, WEEKS + 1):
        yield _text(_x_of_week(week + 0.5), top + _PANEL + 15, str(week), fill=_QUIET, anchor="middle")
    for on, rule in _changes(simulation, slug):
        x = f"{_x(on):.1f}"
        yield f'<line x1="{x}" y1="{top}" x2="{x}" y2="{top + _PANEL}" stroke="{_CHANGE}" opacity="0.5"/>'
        yield _text(_x(on) - 3, top + 12, rule, fill=_CHANGE, anchor="end", size=9)
    yield _line(bests, at, _MAXIMUM)
    yield _line(loads, at, _LOAD)


def _changes(simulation: Simulation, slug: str) -> list[tuple[date, str]]:
    ids = {done.exercise.id for done in simulation.performed if done.exercise.slug == slug}
    return [
        (review.on, change.rule.replace("double_progression.", "").replace("linear.", ""))
        for review, change in accepted_changes(simulation)
        if change.exercise_id in ids
    ]


def _best(done: PerformedExercise) -> float:
    return max(float(work.e1rm_kg or 0) for work in done.sets)


def _x(on: date) -> float:
    return _x_of_week(1 + (on - FIRST_DAY).days / 7)


def _x_of_week(week: float) -> float:
    return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * (week - 1) / WEEKS, 1)


def _line(points: Sequence[tuple[date, float]], at: Callable[[float], float], colour: str) -> str:
    places = [(f"{_x(on):.1f}", f"{at(kg):.1f}") for on, kg in points]
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="2.5" fill="{colour}"/>' for x, y in places)
    line = " ".join(f"{x},{y}" for x, y in places)
    return f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>{dots}'


def _key(text: str, colour: str, x: int) -> tuple[str, str]:
    return f'<rect x="{x}" y="58" width="18" height="4" fill="{colour}"/>', _text(x + 24, 64, text)


def _text(x: float, y: float, text: str, *, fill: str = "#1f2328", anchor: str = "start", size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}" text-anchor="{anchor}" font-size="{size}">{text}</text>'


if __name__ == "__main__":
    TARGET.write_text(drawing(simulate()))
    print(f"{TARGET.relative_to(TARGET.parents[1])} written")

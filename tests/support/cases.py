"""Many documents tried inside one test: each runs to its end, and all that failed are named."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager


class Tried:
    """How many cases the running test has tried inside itself; printed at the end of a run."""

    count = 0


Case = Callable[[object], AbstractContextManager[None]]


@contextmanager
def each_case() -> Iterator[Case]:
    """`with each_case() as case:` around a loop, `with case(name):` around each turn of it.

    A turn that fails is noted under its name and the loop goes on. AssertionError with all of them at the end, and
    when nothing was tried at all.
    """
    failures: dict[str, Exception] = {}
    before = Tried.count

    @contextmanager
    def case(name: object) -> Iterator[None]:
        Tried.count += 1
        try:
            yield
        except Exception as error:  # noqa: BLE001  # whatever it is, it is told below
            failures[str(name)] = error

    yield case
    tried = Tried.count - before
    assert tried, "nothing was tried"
    if failures:
        told = "\n".join(f"- {name}: {_told(error)}" for name, error in failures.items())
        summary = f"{len(failures)} of {tried} cases failed:\n{told}"
        raise AssertionError(summary) from next(iter(failures.values()))


def _told(error: Exception) -> str:
    text = str(error) or repr(error)
    kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
    return f"{kind}{text[:2000]}"

"""The run itself: in every round each system in turn does the same piece of work, while the others wait."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench.peers.child import Child, ChildError
from bench.peers.corpus import Asked, Course
from bench.peers.systems import SystemUnderTest

LIMIT = 10


@dataclass(slots=True, kw_only=True)
class Trace:
    """What one system did, a value a round; `asked_s` and `places` hold a tuple of its questions a round.

    Only questions that our weights were not fitted on have a place.
    """

    ingest_per_s: list[float] = field(default_factory=list)
    start_s: list[float] = field(default_factory=list)
    asked_s: list[tuple[float, ...]] = field(default_factory=list)
    places: list[tuple[int, ...]] = field(default_factory=list)
    resident_mb: list[float] = field(default_factory=list)
    save_s: float = 0.0
    ingest_peak_mb: float = 0.0


Traces = dict[str, Trace]
Tell = Callable[[str], None]


def run(
    course: Course,
    systems: Sequence[SystemUnderTest],
    folder: Path,
    *,
    threads: int,
    starts: int,
    tell: Tell = lambda _: None,
) -> Traces:
    """Let every system take the course's updates, start anew over what it wrote down, and answer its questions.

    Args:
        course: the material.
        systems: who runs; each in a process of its own, in an order that turns by one every round.
        folder: an empty one, where each gets a folder for what it keeps.
        threads: of computation, for each.
        starts: how often each is started; the last process answers the questions.
        tell: is told what has been done.

    Raises: ChildError, where a system fails or does not take every update.
    """
    traces = {system.name: Trace() for system in systems}
    homes = {system: folder / system.name.replace(" ", "-") for system in systems}
    with ExitStack() as stack:
        children = {system: stack.enter_context(Child(system, homes[system], threads=threads)) for system in systems}
        _ingest(course, children, traces, tell)
    with ExitStack() as stack:
        for turn in range(starts):
            children = {}
            for system in _in_turn(systems, turn):
                children[system] = Child(system, homes[system], threads=threads)
                _start(children[system], course.warm_up_questions[0], traces[system.name])
                if turn < starts - 1:
                    children[system].close()
                else:
                    stack.callback(children[system].close)
            tell(f"started {turn + 1}/{starts}")
        _ask(course, children, traces, tell)
    return traces


def _in_turn(systems: Sequence[SystemUnderTest], turn: int) -> Iterator[SystemUnderTest]:
    first = turn % len(systems)
    yield from (*systems[first:], *systems[:first])


def _ingest(course: Course, children: dict[SystemUnderTest, Child], traces: Traces, tell: Tell) -> None:
    taken = {system: child.ingest(course.warm_up)[0] for system, child in children.items()}
    for turn, path in enumerate(course.slices):
        for system in _in_turn(list(children), turn):
            count, took_s = children[system].ingest(path)
            taken[system] += count
            traces[system.name].ingest_per_s.append(count / took_s)
        tell(f"ingested {turn + 1}/{len(course.slices)}")
    for system, child in children.items():
        if taken[system] != course.updates:
            raise ChildError(f"{system.name}: took {taken[system]} of {course.updates} updates")
        traces[system.name].save_s = child.save()
        traces[system.name].ingest_peak_mb = child.memory()["peak"]


def _start(child: Child, first: Asked, trace: Trace) -> None:
    child.ask(first.question, LIMIT)
    trace.start_s.append(time.perf_counter() - child.started_s)


def _ask(course: Course, children: dict[SystemUnderTest, Child], traces: Traces, tell: Tell) -> None:
    for turn, questions in enumerate(course.questions):
        for system in _in_turn(list(children), turn):
            child, trace = children[system], traces[system.name]
            for asked in course.warm_up_questions:
                child.ask(asked.question, LIMIT)
            answers = [(asked, *child.ask(asked.question, LIMIT)) for asked in questions]
            trace.asked_s.append(tuple(took_s for *_, took_s in answers))
            trace.places.append(tuple(_place(ids, asked.gold) for asked, ids, _ in answers if not asked.fitted))
            trace.resident_mb.append(child.memory()["resident"])
        tell(f"asked {turn + 1}/{len(course.questions)}")


def _place(ids: Sequence[str], gold: frozenset[str]) -> int:
    """Return the place of the first right update, from 1; 0 where none is found."""
    return next((place for place, found in enumerate(ids[:LIMIT], 1) if found in gold), 0)

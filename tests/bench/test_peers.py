"""The comparison in small: the protocol and our side for real, a peer's side where its environment was made."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from bench.__main__ import app
from bench.data import ROOT, BenchSet, fitted, judgements
from bench.peers import figures, report, systems
from bench.peers.child import Child, ChildError
from bench.peers.corpus import Course, TooFewError, prepare
from bench.peers.dateline.__main__ import Dateline
from bench.peers.rounds import Trace, run
from bench.peers.systems import OURS, PEERS, SystemUnderTest
from bench.writing import write
from index.config import EncoderConfig
from index.encode import open_encoder
from index.runtimes.sentence_transformers import SentenceTransformersEncoder

STORIES = {
    "harbour": ("grain terminal", "fire brigade", "quay wall", "night shift"),
    "vote": ("polling station", "ballot paper", "recount", "coalition talks"),
    "storm": ("flood barrier", "power cut", "ferry crossing", "fallen tree"),
}
GOLD = "harbour-0"


def make_set(folder: Path, split: str = "report") -> BenchSet:
    """A corpus of three live blogs and a question about each of its updates, of a part that nothing is fitted on."""
    folder.mkdir(exist_ok=True)
    rows = [
        {
            "id": f"{story}-{no}",
            "title": f"{story.title()} {no}",
            "text": f"Officials spoke about the {matter} this morning. More about the {matter} is expected by noon.",
            "stream": story,
        }
        for story, matters in STORIES.items()
        for no, matter in enumerate(matters)
    ]
    asked: list[dict[str, object]] = [
        {
            "id": f"q-{story}-{no}",
            "question": f"What is known of the {matter}?",
            "gold_ids": [f"{story}-{no}"],
            "split": split,
        }
        for story, matters in STORIES.items()
        for no, matter in enumerate(matters)
    ]
    asked.append({"id": "none", "question": "Who won the chess game?", "unanswerable": True})
    for name, lines in (("corpus", rows), ("queries", asked)):
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return BenchSet(name="small", corpus=folder / "corpus.jsonl", questions=folder / "queries.jsonl")


def make_course(folder: Path, rounds: int = 1) -> Course:
    """The small set, of which one live blog is for warming up."""
    return prepare(make_set(folder), folder / "slices", rounds=rounds, updates=None, limit=None)


def ids(paths: Sequence[Path]) -> list[str]:
    return [json.loads(line)["id"] for path in paths for line in path.read_text().splitlines()]


def test_course_when_dealt_to_rounds_then_every_update_is_in_one_slice_with_its_live_blog(tmp_path: Path) -> None:
    course = make_course(tmp_path, rounds=2)
    slices = [set(ids([path])) for path in (course.warm_up, *course.slices)]
    assert sorted(len(one) for one in slices) == [4, 4, 4]
    assert course.updates == 12
    assert all(len({key.split("-")[0] for key in one}) == 1 for one in slices)
    assert len(course.warm_up_questions) == 5
    assert sum(map(len, course.questions)) == 7
    again = prepare(make_set(tmp_path), tmp_path / "again", rounds=2, updates=None, limit=None)
    assert again.questions == course.questions


def test_course_when_cut_then_only_questions_whose_updates_are_held(tmp_path: Path) -> None:
    course = prepare(make_set(tmp_path), tmp_path / "cut", rounds=1, updates=5, limit=2)
    held = set(ids([course.warm_up, *course.slices]))
    assert len(held) == 8
    asked = (*course.warm_up_questions, *course.questions[0])
    assert len(asked) == 7
    assert all(one.gold <= held for one in asked)


def test_course_when_the_live_blogs_do_not_fill_the_rounds_then_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(TooFewError, match="2 live blogs do not fill 3 rounds"):
        make_course(tmp_path, rounds=3)


def test_course_when_the_weights_were_fitted_on_questions_then_they_are_marked(tmp_path: Path) -> None:
    taught = prepare(make_set(tmp_path, split="tune"), tmp_path / "slices", rounds=1, updates=None, limit=None)
    assert all(one.fitted for one in taught.questions[0])
    assert not any(one.fitted for one in make_course(tmp_path).questions[0])


@pytest.mark.parametrize(("count", "step"), [(1_500, 1), (1_501, 2), (6_307, 5)])
def test_fitted_when_there_are_many_questions_then_every_so_many(count: int, step: int, tmp_path: Path) -> None:
    (one, *_) = judgements(make_set(tmp_path, split="tune"), {}, scoped_to_stream=False)
    judged = [replace(one, id=str(no)) for no in range(count)]
    assert [int(one.id) for one in fitted(judged)] == list(range(0, count, step))
    assert fitted([replace(one, kind="smalltalk"), replace(one, split="report")]) == []


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripted(SystemUnderTest):
    """A package of the test's own folder."""

    @property
    def python(self) -> Path:
        return Path(sys.executable)


@pytest.fixture
def scripted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """A system of the standard library alone that misbehaves on demand."""
    package = tmp_path / "bench" / "peers" / "scripted"
    package.mkdir(parents=True)
    ours = Path(figures.__file__).parent
    (package.parent / "protocol.py").write_text((ours / "protocol.py").read_text())
    (package / "__main__.py").write_text(SCRIPT)
    monkeypatch.setattr("bench.peers.child.ROOT", tmp_path)
    return Scripted(package="scripted")


SCRIPT = """
import os, socket
from bench.peers.protocol import distinct, serve, updates

class Scripted:
    def __init__(self, folder, variant):
        print("a library that prints")
    def ingest(self, path):
        return sum(1 for _ in updates(path))
    def save(self):
        os._exit(3)
    def ask(self, question, limit):
        if question == "network":
            socket.create_connection(("127.0.0.1", 9))
        if question == "fail":
            raise KeyError("no such luck")
        if question == "cores":
            return [str(len(os.sched_getaffinity(0)))]
        return distinct(iter([question, question, "x"]))

serve(Scripted)
"""


def test_child_when_its_library_prints_then_the_protocol_is_not_disturbed(tmp_path: Path, scripted: Scripted) -> None:
    make_set(tmp_path / "set")
    with Child(scripted, tmp_path / "home", threads=1) as child:
        assert child.ask("ünïcode", 10)[0] == ["ünïcode", "x"]
        count, took_s = child.ingest(tmp_path / "set" / "corpus.jsonl")
        assert count == 12
        assert took_s > 0
        assert child.memory()["peak"] > 1
    assert "a library that prints" in (tmp_path / "home.log").read_text()


def test_child_when_it_fails_then_the_error_names_it_and_it_goes_on(tmp_path: Path, scripted: Scripted) -> None:
    with Child(scripted, tmp_path / "home", threads=1) as child:
        with pytest.raises(ChildError, match="scripted: ask: KeyError: 'no such luck'"):
            child.ask("fail", 10)
        assert child.ask("fine", 10)[0] == ["fine", "x"]


def test_child_when_it_wants_the_network_then_it_is_refused(tmp_path: Path, scripted: Scripted) -> None:
    with (
        Child(scripted, tmp_path / "home", threads=1) as child,
        pytest.raises(ChildError, match="without a network"),
    ):
        child.ask("network", 10)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the system does not tie processes to cores")
def test_child_when_it_may_have_one_thread_then_it_has_one_core_and_we_keep_ours(
    tmp_path: Path, scripted: Scripted
) -> None:
    before = os.sched_getaffinity(0)
    with Child(scripted, tmp_path / "home", threads=1) as child:
        assert child.ask("cores", 10)[0] == ["1"]
    assert os.sched_getaffinity(0) == before


def test_child_when_it_dies_then_the_error_says_so(tmp_path: Path, scripted: Scripted) -> None:
    with Child(scripted, tmp_path / "home", threads=1) as child:
        with pytest.raises(ChildError, match="save: ended"):
            child.save()
        with pytest.raises(ChildError, match="ask: ended"):
            child.ask("still there?", 10)


def test_run_when_ours_runs_for_real_then_every_line_is_measured(tmp_path: Path) -> None:
    course = make_course(tmp_path / "set")
    told: list[str] = []
    traces = run(course, OURS[:1], tmp_path / "run", threads=2, starts=1, tell=told.append)
    _check(traces["dateline"], course)
    assert told == ["ingested 1/1", "started 1/1", "asked 1/1"]


def test_run_when_questions_taught_us_then_they_are_timed_and_have_no_place(tmp_path: Path, scripted: Scripted) -> None:
    (tmp_path / "bench" / "peers" / "scripted" / "__main__.py").write_text(SCRIPT.replace("os._exit(3)", "pass"))
    course = prepare(make_set(tmp_path / "set", split="tune"), tmp_path / "c", rounds=1, updates=None, limit=None)
    trace = run(course, [scripted], tmp_path / "run", threads=1, starts=1)["scripted"]
    assert [len(round_) for round_ in trace.asked_s] == [7]
    assert trace.places == [()]


def test_dateline_when_opened_then_the_encoder_is_the_shipped_one_or_the_peers(tmp_path: Path) -> None:
    shipped, reference = (Dateline(tmp_path / variant, variant)._archive.encoder for variant in ("", "reference"))
    assert type(shipped) is type(open_encoder(EncoderConfig()))
    assert isinstance(reference, SentenceTransformersEncoder)
    assert reference._config.precision == "full"


@pytest.mark.parametrize("peer", PEERS)
def test_run_when_a_peer_is_installed_then_it_runs_beside_ours(peer: str, tmp_path: Path) -> None:
    if systems.missing([peer]):
        pytest.skip(f"{peer} has no environment: python -m bench peers --setup")
    course = make_course(tmp_path / "set")
    traces = run(course, systems.ready([peer]), tmp_path / "run", threads=2, starts=1)
    assert list(traces) == ["dateline", "dateline reference", peer, f"{peer} hybrid"]
    for trace in traces.values():
        _check(trace, course)


def said(peer: str, script: str) -> str:
    """Return the last line that a script prints in a peer's environment; skip where there is none."""
    if systems.missing([peer]):
        pytest.skip(f"{peer} has no environment: python -m bench peers --setup")
    python = systems.ENVIRONMENTS / peer / "bin" / "python"
    script = f"from pathlib import Path\nfrom bench.peers.{peer}.__main__ import *\n{script}"
    ended = subprocess.run(
        [python, "-c", script], env=os.environ | systems.QUIET, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return ended.stdout.splitlines()[-1]


def test_haystack_when_it_is_installed_then_its_keywords_find_the_title(tmp_path: Path) -> None:
    script = f"""
system = Haystack(Path({str(tmp_path)!r}), "hybrid")
system.ingest(Path({str(make_set(tmp_path).corpus)!r}))
print([found.id for found in system._store.bm25_retrieval("Storm 2", top_k=1)])
"""
    assert said("haystack", script) == "['storm-2']"


def test_llamaindex_when_it_is_installed_then_no_node_is_longer_than_the_model_reads(tmp_path: Path) -> None:
    script = f"""
from llama_index.core.schema import MetadataMode
system = LlamaIndex(Path({str(tmp_path)!r}), "")
nodes = system._splitter.get_nodes_from_documents([Document(text="The quay is closed again. " * 200)])
tokenizer = Settings.embed_model._model.tokenizer
print(len(nodes) > 3, all(len(tokenizer.tokenize(node.get_content(MetadataMode.EMBED))) <= 256 for node in nodes))
"""
    assert said("llamaindex", script) == "True True"


def _check(trace: Trace, course: Course) -> None:
    assert len(trace.ingest_per_s) == len(trace.asked_s) == len(trace.resident_mb) == len(course.slices)
    assert min(*trace.ingest_per_s, *trace.start_s, *trace.resident_mb, trace.ingest_peak_mb) > 0
    places = [place for round_ in trace.places for place in round_]
    assert len(places) == 7
    assert sum(place == 1 for place in places) >= 5, "each question has its own update's words"


def make_trace(scale: float, places: tuple[int, ...]) -> Trace:
    return Trace(
        ingest_per_s=[10 * scale, 20 * scale],
        start_s=[2.0 / scale],
        asked_s=[(0.01 / scale, 0.02 / scale), (0.03 / scale,)],
        places=[places[:2], places[2:]],
        resident_mb=[100 / scale, 100 / scale],
        ingest_peak_mb=200 / scale,
    )


def test_lines_when_ours_is_twice_as_good_then_each_is_ahead_of_the_best(tmp_path: Path) -> None:
    traces = {
        "dateline": make_trace(2.0, (1, 2, 0)),
        "slow": make_trace(0.5, (0, 0, 0)),
        "good": make_trace(1.0, (2, 0, 1)),
    }
    found = {line.measure: line for line in figures.lines(traces)}
    assert set(found) == {measure.name for measure in figures.MEASURES}
    counted = {measure.name for measure in figures.MEASURES if measure.hit}
    for name, line in found.items():
        best = line.ahead[0]
        assert best.than == "good", name
        if name not in counted:
            assert (best.median, best.least, best.most, best.difference) == (2.0, 2.0, 2.0, None), name
    recall = found["Recall@5"].ahead[0].difference
    assert recall is not None
    assert (round(recall.value, 3), recall.n) == (0.0, 3)
    console = Console(width=150, record=True)
    report.show(console, "small", traces)
    assert "×2.00" in console.export_text()
    assert report.markdown("small", traces).count("\n|") == 2 + len(figures.MEASURES)
    write(tmp_path / "peers.json", {"small": {"lines": figures.lines(traces), "rounds": traces}})
    kept = json.loads((tmp_path / "peers.json").read_text())["small"]
    assert kept["rounds"]["good"]["places"] == [[2, 0], [1]]


def test_lines_when_ours_comes_in_two_ways_then_the_second_is_no_peer() -> None:
    traces = {"dateline": make_trace(1.0, (1,)), "dateline reference": make_trace(9.0, (1,))}
    traces["other"] = make_trace(1.0, (1,))
    assert all([one.than for one in line.ahead] == ["other"] for line in figures.lines(traces))


def test_verdict_when_ours_is_ahead_behind_or_alike_then_it_says_where_and_by_how_much() -> None:
    ours, good = make_trace(2.0, (1,) * 9), make_trace(1.0, (0,) * 9)
    assert report.verdict({"dateline": ours, "good": good}) == "Ahead of the best of the peers on every line."
    good.ingest_per_s = [80.0, 160.0]  # twice ours
    good.start_s = [0.5, 2.0]
    ours.start_s = [1.0, 1.0]
    assert report.verdict({"dateline": ours, "good": good}) == (
        "Ahead of the best of the peers on 7 of 9 lines; behind: ingest, updates/s (×0.25 good); "
        "not told apart: start to first answer, s (×1.25 [0.50, 2.00] good)."
    )
    assert report.verdict({"dateline": ours}) == "No peer ran beside."


def test_lines_when_nobody_was_started_or_asked_then_there_are_none_of_that() -> None:
    traces = {name: Trace(ingest_per_s=[1.0], ingest_peak_mb=1.0) for name in ("dateline", "other")}
    assert [line.measure for line in figures.lines(traces)] == ["ingest, updates/s", "ingest, peak MB"]


def test_systems_when_requirements_change_then_the_environment_counts_as_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(systems, "ENVIRONMENTS", tmp_path)
    assert systems.missing(PEERS) == PEERS
    assert systems.ready(PEERS) == OURS
    (tmp_path / "txtai").mkdir()
    (tmp_path / "txtai" / ".installed").write_text(systems._fingerprint("txtai"))
    assert systems.missing(PEERS) == ("llamaindex", "haystack")
    (tmp_path / "txtai" / ".installed").write_text("of older requirements")
    assert systems.missing(PEERS) == PEERS


@pytest.mark.parametrize("peer", PEERS)
def test_requirements_when_read_then_every_line_is_pinned_and_torch_is_that_of_ours(peer: str) -> None:
    lines = systems._requirements(peer).read_text().splitlines()
    assert all("==" in line for line in lines)
    pinned = Path("constraints.txt").read_text()
    assert next(line for line in lines if line.startswith("torch==")) in pinned


def test_command_when_a_peer_is_unknown_then_those_that_exist_are_named() -> None:
    ended = CliRunner().invoke(app, ["peers", "--only", "nobody"])
    assert ended.exit_code == 2
    assert "txtai" in ended.output


def test_setup_when_one_peer_fails_then_it_is_named_and_the_others_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []

    def run_(command: Sequence[str]) -> None:
        ran.append(" ".join(command))
        if "haystack/requirements" in ran[-1]:
            raise subprocess.CalledProcessError(1, command)
        if command[1:3] == ["-m", "venv"]:
            Path(command[3]).mkdir(parents=True)

    monkeypatch.setattr(systems, "ENVIRONMENTS", tmp_path)
    monkeypatch.setattr(systems, "_run", run_)
    ended = CliRunner().invoke(app, ["peers", "--setup"])
    assert ended.exit_code == 1
    assert "haystack: FAILED" in ended.output
    assert systems.missing(PEERS) == ("haystack",)
    assert any("import bench.peers.txtai" in one for one in ran), "what cannot be imported is not there"
    ran.clear()
    assert CliRunner().invoke(app, ["peers", "--setup", "--only", "txtai"]).exit_code == 0
    assert ran == []


def test_command_when_a_system_fails_then_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def measure(*_: object, **__: object) -> None:
        raise ChildError("txtai: ask: no such luck")

    monkeypatch.setattr(report, "measure", measure)
    ended = CliRunner().invoke(app, ["peers", "sample", "--out", str(tmp_path / "peers.json")])
    assert ended.exit_code == 1
    assert "txtai: ask: no such luck" in ended.output


@pytest.mark.skipif(not hasattr(os, "getloadavg"), reason="the system tells no load")
def test_measure_when_it_begins_then_the_title_tells_the_load(
    tmp_path: Path, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (14.21, 0.0, 0.0))
    (tmp_path / "bench" / "peers" / "scripted" / "__main__.py").write_text(SCRIPT.replace("os._exit(3)", "pass"))
    size = report.Size(rounds=1, updates=None, limit=2, threads=1)
    told: list[str] = []
    title, _ = report.measure(
        make_set(tmp_path / "set"), [scripted], tmp_path / "run", size=size, starts=1, tell=told.append
    )
    assert (
        title
        == told[0]
        == "small: 12 updates, 2 questions (2 with a place), 1 rounds, 1 thread, load 14.2 at the start"
    )

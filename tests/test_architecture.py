"""Holds the house's import table: who may import whom, and what has only one home."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# A module imports from its own layer and from lower ones. A new module is given its place here.
INDEX_LAYERS = (
    {"types", "errors"},
    {
        "config", "reports", "text", "terms", "question", "followup", "intents", "phrases", "scopes", "moments",
        "vocabulary", "rank", "shown", "excerpt", "expect", "demand", "asked", "weighing", "evidence", "kin",
        "numerals", "figures", "spelling", "statements", "reading", "prepositions", "ranges", "weights", "wording",
        "changes", "grading", "novelty", "views", "schema", "rows", "columns", "full_text", "lookup", "snapshot",
        "store", "sources", "vectors", "runtimes",
    },
    {"encode", "rerank", "glance", "highlights"},
    {"edits", "ingest", "sync", "postings", "retrievers", "query_vectors", "search", "look", "intake", "related",
     "history", "news", "windows", "watches"},
    {"archive"},
    {"__init__"},
)  # fmt: skip
BOT_LAYERS = (
    {"__init__", "types", "actions", "ports", "errors", "config", "texts", "times", "smalltalk", "settings", "records",
     "limits", "titles", "zones", "panel"},
    {"schedule", "schema", "statements", "tables", "chats", "ledger", "buttons", "keeping", "store", "replies", "pages",
     "keyboard", "memory", "answer_json", "deliveries", "pacing", "subscriptions", "watches", "planning",
     "outbox_rows", "outbox_pictures", "pictures", "amendments"},
    {"tg.__init__", "tg.errors", "tg.incoming", "tg.lanes", "tg.markup", "tg.polling", "tg.redaction", "tg.render",
     "tg.sending", "tg.albums", "tg.bursts", "tg.events", "tg.failures", "tg.keyboards", "tg.menus", "tg.platform",
     "tg.presses", "tg.queries", "tg.replying", "tg.webhook", "workers"},
    {"dialogue", "digests", "digest_words", "digest_panel", "subscribing", "alerts", "corrections", "outbox", "drain",
     "admins", "manners", "membership", "settings_talk", "settings_panel", "settings_reading", "backroom", "noting",
     "asking", "reading", "verifying",
     "offering", "operating", "forgetting", "pressing", "entering", "unasked", "amending", "shapes", "rechecking",
     "rewriting", "stage",     "taken_back", "watching", "watch_panel", "backtest"},
    {"watch"},
    {"posts"},
    {"desk", "tg.posting", "tg.unasked"},
    {"tg.app", "tg.receiver", "terminal"},
    {"cli", "commands"},
    {"__main__"},
)  # fmt: skip
LEAVES = {"index.types", "index.errors"}
HOMES = {
    "telegram": "bot/tg/*.py",
    "faiss": "index/vectors/faiss.py",
    "sentence_transformers": "index/runtimes/sentence_transformers.py index/rerank.py",
    "torch": "index/runtimes/sentence_transformers.py index/rerank.py",
    "transformers": "index/runtimes/sentence_transformers.py index/rerank.py",
    "onnxruntime": "index/runtimes/onnx.py",
    "tokenizers": "index/runtimes/onnx.py",
    "safetensors": "index/runtimes/graph.py index/rerank.py",
    "platformdirs": "index/runtimes/cache.py",
    "sqlite_utils": "*/store.py */schema.py",
    "httpx": "index/sources/fetch.py",
    "tornado": "bot/tg/webhook.py",
    "feedparser": "index/sources/*.py",
    "selectolax": "index/sources/*.py",
    "Stemmer": "index/terms.py",
    "spellchecker": "index/spelling.py",
    "matplotlib": "bot/pictures.py",
    "typer": "bot/cli.py bot/__main__.py bot/commands/*.py",
    "rich": "bot/cli.py bot/terminal.py bot/__main__.py bot/commands/*.py",
}
HEAVY = {
    "torch", "sentence_transformers", "transformers", "faiss", "matplotlib", "onnxruntime", "tokenizers", "safetensors",
}  # fmt: skip
NEVER_IN_INDEX = {"bot", "telegram", "asyncio", "typer", "rich"}
# Pure modules take values and return values.
PURE = {
    "index.text", "index.terms", "index.question", "index.followup", "index.phrases", "index.scopes",
    "index.intents", "index.moments", "index.vocabulary", "index.expect", "index.demand", "index.asked",
    "index.weighing", "index.evidence", "index.kin",
    "index.reading", "index.spelling", "index.statements", "index.shown", "index.ranges", "index.changes",
    "index.views", "index.prepositions", "index.wording", "index.grading", "index.glance", "index.highlights",
    "index.novelty", "index.sources.channel",
    "index.rank", "index.excerpt", "index.rows", "index.columns", "bot.dialogue", "bot.schedule", "bot.manners",
    "bot.titles", "bot.zones", "bot.limits", "bot.outbox", "bot.pacing", "bot.deliveries",
    "bot.settings", "bot.records", "bot.pictures",
}  # fmt: skip
IMPURE = {
    "sqlite3", "socket", "httpx", "subprocess", "threading", "time", "random",
    "index.store", "index.lookup", "index.full_text", "index.schema",
}  # fmt: skip
CLOCKS = {"now", "utcnow", "today", "time", "time_ns"}
ROOTS_WITH_A_CLOCK = {"bot.cli", "bot.__main__", "bot.tg.app", "bot.workers"}
LOOPS = {"bot.cli", "bot.watch", "bot.workers", "bot.tg.app", "bot.desk"}
NOWHERE = -1
LONGEST_FILE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One source file, read but not run."""

    name: str
    path: Path
    tree: ast.Module
    lines: int

    @property
    def short(self) -> str:
        """Return the path as people write it."""
        return self.path.relative_to(ROOT).as_posix()


def read_modules(package: str) -> dict[str, Module]:
    modules = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        text = path.read_text(encoding="utf-8")
        modules[name] = Module(name=name, path=path, tree=ast.parse(text), lines=text.count("\n"))
    return modules


INDEX = read_modules("index")
BOT = read_modules("bot")
ALL = INDEX | BOT


def imported(module: Module, known: Mapping[str, Module] = ALL) -> Iterator[str]:
    """Name every module that a file imports, also inside functions; `from a import b` is a.b where that is a file."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module.short}:{node.lineno} imports relatively"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                is_module = inner in known or f"{inner}.__init__" in known
                yield inner if is_module else str(node.module)


def imported_at_load(module: Module) -> Iterator[str]:
    """Name the top-level packages that importing a file imports at once."""
    for node in module.tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module).split(".")[0]


def ours(module: Module) -> set[str]:
    """Name our own modules that a file imports, a package by its `__init__`."""
    names = {name for name in imported(module) if name.split(".")[0] in ("index", "bot")}
    return {name if name in ALL else f"{name}.__init__" for name in names}


def layer(name: str) -> int:
    package, _, inner = name.partition(".")
    layers = INDEX_LAYERS if package == "index" else BOT_LAYERS
    group = inner if inner.startswith("tg.") else inner.split(".")[0]
    for number, members in enumerate(layers):
        if group in members:
            return number
    return NOWHERE


def breaches_of_layers(modules: Mapping[str, Module]) -> list[str]:
    return [
        f"{module.short} imports {other}"
        for module in modules.values()
        for other in sorted(ours(module))
        if other.split(".")[0] == module.name.split(".")[0]
        and not (other == "bot.tg.__init__" or other == "bot.__init__")
        and layer(other) > layer(module.name)
    ]


def parsed(source: str, name: str = "index.text") -> Module:
    return Module(name=name, path=ROOT / "index" / "text.py", tree=ast.parse(source), lines=source.count("\n"))


def test_scan_when_the_house_is_read_then_the_modules_are_there() -> None:
    assert {"index.types", "index.store", "index.vectors.faiss", "index.sync", "index.__init__"} <= INDEX.keys()
    assert {"bot.types", "bot.tg.render", "bot.tg.incoming", "bot.tg.app"} <= BOT.keys()
    assert all(ours(INDEX[name]) for name in ("index.store", "index.sync", "index.archive", "index.__init__"))


def test_scan_when_an_import_hides_in_a_function_then_it_is_seen() -> None:
    hidden = parsed(
        "def f():\n    from index.vectors import faiss\n    import telegram.ext\n    from index import types\n"
    )
    assert set(imported(hidden)) == {"index.vectors.faiss", "telegram.ext", "index.types"}


def test_scan_when_a_lower_layer_imports_a_higher_one_then_it_is_a_breach() -> None:
    assert breaches_of_layers({"index.text": parsed("from index.search import Search\n")})
    assert not breaches_of_layers({"index.search": parsed("from index import text\n", "index.search")})


def test_layers_when_a_module_imports_then_only_its_own_layer_and_lower() -> None:
    assert breaches_of_layers(ALL) == []


def test_modules_when_scanned_then_each_has_a_layer() -> None:
    homeless = [module.short for module in ALL.values() if layer(module.name) == NOWHERE]
    assert homeless == [], f"give these a place in the layers of {Path(__file__).name}"


def test_layers_when_a_module_is_new_then_it_has_none_yet() -> None:
    assert layer("index.helpers") == layer("bot.tg.helpers") == NOWHERE


def test_leaves_when_scanned_then_they_import_nothing_of_ours() -> None:
    assert {name: ours(ALL[name]) for name in LEAVES} == {name: set() for name in LEAVES}


def test_imports_when_followed_then_there_is_no_circle() -> None:
    graph = {name: ours(module) - {name} for name, module in ALL.items()}
    order = list(TopologicalSorter(graph).static_order())
    assert order.index("index.types") < order.index("index.archive")


def test_index_when_scanned_then_it_has_never_heard_of_chat() -> None:
    heard = {m.short: {n.split(".")[0] for n in imported(m)} & NEVER_IN_INDEX for m in INDEX.values()}
    assert {short: names for short, names in heard.items() if names} == {}


def test_bot_when_it_imports_index_then_only_the_face() -> None:
    inner = {m.short: {n for n in ours(m) if n.startswith("index.")} - {"index.__init__"} for m in BOT.values()}
    assert {short: names for short, names in inner.items() if names} == {}
    assert any("index.__init__" in ours(module) for module in BOT.values())


def test_bot_tg_when_imported_then_only_by_itself_and_the_composition_root() -> None:
    importers = {
        module.name
        for module in ALL.values()
        if any(name.startswith("bot.tg.") for name in ours(module)) and not module.name.startswith("bot.tg.")
    }
    assert all(name in ("bot.cli", "bot.__main__") or name.startswith("bot.commands.") for name in importers)


@pytest.mark.parametrize("library", HOMES)
def test_library_when_it_has_one_home_then_nobody_else_imports_it(library: str) -> None:
    homes = HOMES[library].split()
    guests = [
        module.short
        for module in ALL.values()
        if library in {name.split(".")[0] for name in imported(module)}
        and not any(module.path.relative_to(ROOT).match(home) for home in homes)
    ]
    assert guests == []


@pytest.mark.parametrize("library", ["telegram", "faiss", "sentence_transformers", "onnxruntime", "sqlite_utils"])
def test_library_when_it_has_one_home_then_it_lives_there(library: str) -> None:
    assert any(library in {name.split(".")[0] for name in imported(module)} for module in ALL.values())


def test_heavy_libraries_when_a_module_is_imported_then_they_are_not_loaded_by_it() -> None:
    eager = {m.short: set(imported_at_load(m)) & HEAVY for m in ALL.values() if m.short != "index/vectors/faiss.py"}
    assert {short: names for short, names in eager.items() if names} == {}
    faiss_importers = [m.short for m in ALL.values() for node in m.tree.body if "faiss" in ast.dump(node)
                       and isinstance(node, ast.ImportFrom) and node.module == "index.vectors.faiss"]  # fmt: skip
    assert faiss_importers == []


def test_pure_modules_when_scanned_then_they_reach_for_nothing_outside() -> None:
    present = [module for module in ALL.values() if module.name in PURE]
    assert len(present) >= 4
    reached = {m.short: {n for n in imported(m) if n in IMPURE or n.split(".")[0] in IMPURE} for m in present}
    assert {short: names for short, names in reached.items() if names} == {}


def test_time_when_it_is_needed_then_it_is_an_argument() -> None:
    calls = [
        f"{module.short}:{node.lineno}"
        for module in ALL.values()
        if module.name not in ROOTS_WITH_A_CLOCK and not module.name.startswith("bot.commands.")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("datetime", "date", "time")
    ]
    assert calls == []


def test_modules_when_they_hold_anything_then_they_say_what_they_own() -> None:
    assert [m.short for m in ALL.values() if m.tree.body and not ast.get_docstring(m.tree)] == []


def test_docstrings_of_modules_when_read_then_at_most_five_lines_or_a_tree() -> None:
    long = {
        module.short: len((ast.get_docstring(module.tree) or "").splitlines())
        for module in ALL.values()
        if module.path.name != "errors.py"
    }
    assert {short: lines for short, lines in long.items() if lines > 5 and short != "bot/outbox.py"} == {}


def test_files_when_they_grow_then_they_are_split_by_400_lines() -> None:
    assert {m.short: m.lines for m in ALL.values() if m.lines > LONGEST_FILE} == {}


def test_bugs_when_they_happen_then_only_the_loops_catch_everything() -> None:
    broad = [
        f"{module.short}:{node.lineno}"
        for module in ALL.values()
        if module.name not in LOOPS
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or "Exception" in {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)})
    ]
    assert broad == []


def test_print_when_used_then_only_where_there_is_a_terminal() -> None:
    printing = {
        module.name
        for module in ALL.values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert {name for name in printing if not name.startswith("bot.commands.")} <= {"bot.cli", "bot.terminal"}


def test_tests_when_they_need_a_double_then_they_use_a_fake() -> None:
    mocking = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom) and "mock" in ast.dump(node)
    ]
    assert mocking == []
    assert (ROOT / "tests" / "index" / "fakes.py").is_file()

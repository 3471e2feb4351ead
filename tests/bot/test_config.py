import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot import config
from bot.config import Config
from index import ConfigError, SourceConfig

EXAMPLE = Path(config.__file__).resolve().parent.parent / "config.example.toml"

SOURCE = '[[sources]]\nname = "A"\nurl = "https://news.example/live"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "dateline.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_example_when_loaded_then_every_value_is_the_default() -> None:
    assert config.load(EXAMPLE) == Config()


def test_example_when_its_comments_are_undone_then_it_names_every_key() -> None:
    text = "\n".join(_uncommented(line) for line in EXAMPLE.read_text(encoding="utf-8").splitlines())
    named = tomllib.loads(text)
    assert set().union(*named["sources"]) == set(SourceConfig.model_fields)
    tables = {name: field.annotation for name, field in Config.model_fields.items() if name != "sources"}
    assert len(tables) >= 6
    for name, table in tables.items():
        assert isinstance(table, type)
        assert issubclass(table, BaseModel)
        assert set(named[name]) == set(table.model_fields), name


def test_example_when_its_source_is_undone_then_optional_keys_show_their_defaults(tmp_path: Path) -> None:
    text = "\n".join(_uncommented(line) for line in EXAMPLE.read_text(encoding="utf-8").splitlines())
    page, channel = config.load(written(tmp_path, text)).sources
    assert (page.kind, page.public, page.zone, page.interval_s) == ("page", True, "UTC", 60.0)
    assert (page.is_fetched, channel.is_fetched) == (True, False)


def test_source_when_it_is_a_channel_then_named_by_username_or_number(tmp_path: Path) -> None:
    channel = '[[sources]]\nname = "C"\nkind = "telegram_channel"\nchat = {}\n'
    for stated, read in (
        ('"@harbour_news"', "@harbour_news"),
        ("-1001234567890", "-1001234567890"),
        ('"12345"', "12345"),
    ):
        (source,) = config.load(written(tmp_path, channel.format(stated))).sources
        assert (source.chat, source.url) == (read, "")
    for stated in ('"harbour news"', '"@x"', '"https://t.me/harbour"', '""', "true"):
        with pytest.raises(ConfigError, match=r"sources\[0\]"):
            config.load(written(tmp_path, channel.format(stated)))
    with pytest.raises(ConfigError, match="url has no meaning"):
        config.load(written(tmp_path, channel.format('"@harbour"') + 'url = "https://a.example"\n'))
    with pytest.raises(ConfigError, match="url is missing"):
        config.load(written(tmp_path, '[[sources]]\nname = "C"\n'))


def _uncommented(line: str) -> str:
    """Undo the comment sign before a key or table, not before a sentence."""
    bare = line.removeprefix("# ")
    key = bare.partition("=")[0].strip()
    return bare if bare.startswith("[[") or ("=" in bare and key.isidentifier()) else line


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("colour = 1\n", "colour: unknown key"),
        ("[search]\nfast = true\n", "search.fast: unknown key"),
        (SOURCE + "intervall_s = 60\n", "sources[0].intervall_s: unknown key"),
        (SOURCE + 'zone = "Mars/Base"\n', "sources[0].zone: unknown time zone 'Mars/Base'"),
        (SOURCE + 'format = "pdf"\n', "sources[0].format: Input should be 'jsonld', 'article'"),
        (SOURCE + 'interval_s = "60"\n', "sources[0].interval_s: Input should be a valid number"),
        (SOURCE + SOURCE, "sources: two of them are named 'A'"),
        ("[fetch]\nmax_bytes = 1.5\n", "fetch.max_bytes: Input should be a valid integer"),
        ("[fetch]\nallow_private = 1\n", "fetch.allow_private: Input should be a valid boolean"),
        ('[chat]\nzone = ""\n', "chat.zone: unknown time zone ''"),
        (
            '[chat]\nlanguage = "tlh"\n',
            "chat.language: unknown language 'tlh'; one of en, de, uk, ru, es, fr, or empty",
        ),
        ('[telegram]\nbase_url = "api.telegram.org"\n', "telegram.base_url: not an http(s) address"),
        ('[telegram]\ntoken = "x"\n', "telegram.token: unknown key"),
        ('[telegram]\nmode = "push"\n', "telegram.mode: Input should be 'polling' or 'webhook'"),
        ('[telegram]\nmode = "webhook"\n', "telegram: webhook_url is not an https address: ''"),
        (
            '[telegram]\nmode = "webhook"\nwebhook_url = "http://bot.example/hook"\n',
            "telegram: webhook_url is not an https address: 'http://bot.example/hook'",
        ),
        ('[telegram]\nwebhook_path = "hook"\n', "telegram: webhook_path does not begin with a slash"),
        ("[telegram]\nwebhook_port = 0\n", "telegram.webhook_port: Input should be greater than or equal to 1"),
        ('[search]\nengine = "quick"\n', "search.engine: Input should be 'faiss' or 'exact'"),
        ("[search\n", "not TOML:"),
    ],
)
def test_load_when_something_is_wrong_then_file_and_key_are_named(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as raised:
        config.load(path)
    assert str(raised.value).startswith(f"{path}: {message}")


def test_load_when_several_keys_are_wrong_then_all_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"unknown key; .*unknown key") as raised:
        config.load(written(tmp_path, "a = 1\n[search]\nb = 2\n"))
    assert ": a: " in str(raised.value)
    assert ": search.b: " in str(raised.value)


def test_load_when_the_file_cannot_be_read_then_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml: cannot be read: No such file"):
        config.load(tmp_path / "absent.toml")
    (tmp_path / "latin.toml").write_bytes(b'[chat]\nzone = "\xe9"\n')
    with pytest.raises(ConfigError, match=r"latin\.toml: not UTF-8"):
        config.load(tmp_path / "latin.toml")


def test_load_when_values_are_given_then_they_hold(tmp_path: Path) -> None:
    path = written(
        tmp_path, SOURCE + '[store]\ndirectory = "news"\n[fetch]\ntimeout_s = 5\n[chat]\nzone = "Europe/Kyiv"\n'
    )
    loaded = config.load(path)
    assert loaded.store.directory == Path("news")
    assert loaded.fetch.timeout_s == 5.0
    assert loaded.chat.zone == "Europe/Kyiv"
    assert [source.name for source in loaded.sources] == ["A"]


def test_load_when_a_directory_is_given_then_it_wins(tmp_path: Path) -> None:
    path = written(tmp_path, '[store]\ndirectory = "news"\n')
    assert config.load(path, directory=tmp_path / "other").store.directory == tmp_path / "other"


def test_load_when_no_file_is_named_then_that_of_the_working_directory_or_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert config.load() == Config()
    written(tmp_path, '[chat]\nzone = "Europe/Kyiv"\nlanguage = "uk"\n')
    assert (config.load().chat.zone, config.load().chat.language) == ("Europe/Kyiv", "uk")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a={" * 5_000, "nested too deeply"),
        ("[fetch]\ntimeout_s = inf", "fetch.timeout_s: "),
        (SOURCE + "interval_s = inf", r"sources\[0\].interval_s: "),
        ('[[sources]]\nname = "A"\nurl = "file:///etc/hosts"', r"sources\[0\].url: not an http or https address"),
    ],
)
def test_load_when_a_value_could_never_work_then_refused_with_file_and_key(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=rf"dateline\.toml: {message}"):
        config.load(written(tmp_path, text))


def test_limits_when_a_rate_is_nothing_then_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"limits\.user_per_minute"):
        config.load(written(tmp_path, "[limits]\nuser_per_minute = 0\n"))


def test_operators_when_named_then_by_number_and_nothing_else(tmp_path: Path) -> None:
    assert config.load(written(tmp_path, "[telegram]\noperators = [7, 8]\n")).telegram.operators == (7, 8)
    with pytest.raises(ConfigError, match=r"telegram\.operators\[0\]"):
        config.load(written(tmp_path, '[telegram]\noperators = ["ann"]\n'))

import gzip
import inspect
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest

from index.config import FetchConfig
from index.errors import FetchError
from index.sources import addresses, fetch
from index.sources.fetch import Fetched, NotModified
from index.types import Validators

AWAY = FetchConfig()
HOME = FetchConfig(allow_private=True, timeout_s=2.0, max_bytes=10_000)
Responder = Callable[[httpx.Request], httpx.Response]


def get(
    url: str, responder: Responder, *, config: FetchConfig = AWAY, at: str = "93.184.216.34", **given: object
) -> Fetched | NotModified:
    validators = given.get("validators")
    assert validators is None or isinstance(validators, Validators)
    return fetch.fetch(
        url,
        config=config,
        validators=validators,
        transport=httpx.MockTransport(responder),
        resolve=lambda host, port: (at,),
    )


def ok(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=iter([b"body"]))


def test_fetch_when_asked_then_connects_to_the_judged_address_under_the_hosts_name() -> None:
    asked: list[httpx.Request] = []

    def responder(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(
            200, content=iter([b"body"]), headers={"ETag": '"1"', "Content-Type": "text/html; charset=koi8-r"}
        )

    got = get("https://news.example:8443/live?x=1#top", responder)
    assert got == Fetched(
        url="https://news.example:8443/live?x=1#top",
        content=b"body",
        charset="koi8-r",
        validators=Validators(etag='"1"'),
    )
    (request,) = asked
    assert str(request.url) == "https://93.184.216.34:8443/live?x=1"
    assert request.headers["host"] == "news.example:8443"
    assert request.extensions["sni_hostname"] == "news.example"


def test_fetch_when_the_address_is_ipv6_then_written_in_brackets() -> None:
    asked: list[str] = []

    def responder(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return ok(request)

    get("http://news.example/", responder, at="2606:4700::6810:1")
    assert asked == ["http://[2606:4700::6810:1]/"]


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
     "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1"],
)  # fmt: skip
def test_fetch_when_the_host_is_not_public_then_refused_before_connecting(address: str) -> None:
    def responder(request: httpx.Request) -> httpx.Response:
        raise AssertionError("connected")

    with pytest.raises(FetchError, match="not a public address"):
        get("http://inside.example/", responder, at=address)
    assert get("http://inside.example/", ok, at=address, config=HOME).url == "http://inside.example/"


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8"])
def test_public_when_an_address_is_global_then_yes(address: str) -> None:
    assert addresses.is_public(address)


def test_fetch_when_one_of_several_addresses_is_private_then_refused() -> None:
    with pytest.raises(FetchError, match="not a public address"):
        fetch.fetch(
            "http://two.example/",
            config=FetchConfig(),
            transport=httpx.MockTransport(ok),
            resolve=lambda host, port: ("8.8.8.8", "10.0.0.1"),
        )


def test_redirect_when_it_leads_inside_then_refused() -> None:
    def responder(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"Location": "http://inside.example/admin"})

    with pytest.raises(FetchError, match=r"inside\.example is at 127\.0\.0\.1"):
        fetch.fetch(
            "http://outside.example/",
            config=FetchConfig(),
            transport=httpx.MockTransport(responder),
            resolve=lambda host, port: ("127.0.0.1",) if host.startswith("inside") else ("8.8.8.8",),
        )


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://x.example/", "gopher://x"])
def test_redirect_when_it_leaves_the_web_then_refused(location: str) -> None:
    with pytest.raises(FetchError, match="not an http or https address"):
        get("http://a.example/", lambda request: httpx.Response(301, headers={"Location": location}))


def test_redirect_when_endless_then_refused_after_the_limit() -> None:
    asked: list[str] = []

    def responder(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(307, headers={"Location": f"/{len(asked)}"})

    with pytest.raises(FetchError, match="more than 5 redirects"):
        get("http://a.example/", responder)
    assert len(asked) == 6


def test_redirect_when_relative_then_followed_and_the_last_address_given() -> None:
    def responder(request: httpx.Request) -> httpx.Response:
        return ok(request) if request.url.path == "/b" else httpx.Response(302, headers={"Location": "b"})

    assert get("http://a.example/a", responder).url == "http://a.example/b"


@pytest.mark.parametrize("url", ["ftp://a.example/", "file:///etc/passwd", "a.example", "", "http://", "http://a\nb"])
def test_fetch_when_it_is_no_web_address_then_one_clear_line(url: str) -> None:
    with pytest.raises(FetchError) as caught:
        get(url, ok)
    assert "address" in str(caught.value) or "cannot be found" in str(caught.value)


def test_fetch_when_nothing_changed_then_not_modified() -> None:
    validators = Validators(etag='"7"', last_modified="Sun, 01 Mar 2026 10:00:00 GMT")

    def responder(request: httpx.Request) -> httpx.Response:
        assert request.headers["if-none-match"] == '"7"'
        assert request.headers["if-modified-since"] == validators.last_modified
        return httpx.Response(304)

    assert get("http://a.example/", responder, validators=validators) == NotModified(
        url="http://a.example/", validators=validators
    )


def test_fetch_when_not_modified_was_not_asked_for_then_an_error() -> None:
    with pytest.raises(FetchError, match="HTTP 304"):
        get("http://a.example/", lambda request: httpx.Response(304))


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"Retry-After": "120"}, 120.0),
        ({"Retry-After": "Sun, 01 Mar 2026 10:01:00 GMT", "Date": "Sun, 01 Mar 2026 10:00:00 GMT"}, 60.0),
        ({"Retry-After": "Sun, 01 Mar 2026 10:01:00 GMT"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "9" * 400}, 86_400.0),
        ({}, None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_fetch_when_the_server_asks_for_patience_then_the_error_says_how_long(
    status: int, headers: Mapping[str, str], wait_s: float | None
) -> None:
    with pytest.raises(FetchError, match=f"HTTP {status}") as caught:
        get("http://a.example/", lambda request: httpx.Response(status, headers=headers))
    assert caught.value.retry_after_s == wait_s


def streamed(*parts: bytes, **headers: str) -> Responder:
    return lambda request: httpx.Response(
        200, content=iter(parts), headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def test_size_when_the_body_is_too_large_then_refused_before_or_while_reading() -> None:
    with pytest.raises(FetchError, match=r"larger than 0\.01 MB"):
        get("http://a.example/", streamed(b"x", Content_Length="999999"), config=HOME)
    with pytest.raises(FetchError, match=r"larger than 0\.01 MB"):
        get("http://a.example/", streamed(*[b"x" * 6_000] * 2), config=HOME)


def test_size_when_a_small_body_unpacks_to_much_then_refused() -> None:
    bomb = gzip.compress(bytes(5_000_000))
    assert len(bomb) < HOME.max_bytes
    with pytest.raises(FetchError, match="larger than"):
        get("http://a.example/", streamed(bomb, Content_Encoding="gzip"), config=HOME)


@pytest.mark.parametrize(("name", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_body_when_packed_then_unpacked_and_checked_for_its_end(name: str, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(b"text " * 100)
    got = get("http://a.example/", streamed(packed[:9], packed[9:], Content_Encoding=name), config=HOME)
    assert isinstance(got, Fetched)
    assert got.content == b"text " * 100
    with pytest.raises(FetchError, match="truncated"):
        get("http://a.example/", streamed(packed[:-12], Content_Encoding=name), config=HOME)
    with pytest.raises(FetchError, match="damaged"):
        get("http://a.example/", streamed(b"no such thing", Content_Encoding=name), config=HOME)


def test_body_when_packed_as_was_not_asked_then_refused() -> None:
    with pytest.raises(FetchError, match="'br'"):
        get("http://a.example/", streamed(b"x", Content_Encoding="br"), config=HOME)


def test_time_when_a_body_drips_then_given_up_in_all() -> None:
    ticks = iter(range(0, 1_000, 3))
    with pytest.raises(FetchError, match="took too long"):
        fetch.fetch(
            "http://a.example/",
            config=HOME,
            transport=httpx.MockTransport(streamed(*[b"x"] * 50)),
            resolve=lambda host, port: ("8.8.8.8",),
            clock=lambda: float(next(ticks)),
        )


def test_errors_when_the_library_has_them_then_each_is_translated() -> None:
    found = [
        value
        for _, value in inspect.getmembers(httpx, inspect.isclass)
        if issubclass(value, Exception) and not issubclass(value, Warning)
    ]
    assert len(found) > 20
    for error_class in found:
        error = error_class.__new__(error_class)
        error.args = ("why",)
        with pytest.raises(FetchError, match=r"^http://a\.example/: "), fetch._translated("http://a.example/"):
            raise error


def test_where_when_the_address_holds_a_password_then_it_is_not_told() -> None:
    with pytest.raises(FetchError) as caught:
        get("http://user:secret@a.example/", lambda request: httpx.Response(404))
    assert str(caught.value) == "http://a.example/: HTTP 404 Not Found"


def test_resolve_when_a_name_is_unknown_then_one_clear_line() -> None:
    def nowhere(host: str, port: int) -> tuple[str, ...]:
        raise OSError("unknown")

    with pytest.raises(FetchError, match=r"host no\.example cannot be found"):
        fetch.fetch("http://no.example/", config=FetchConfig(), transport=httpx.MockTransport(ok), resolve=nowhere)


class Page(BaseHTTPRequestHandler):
    """A page that knows its ETag."""

    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(301)
            self.send_header("Location", "/page")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = gzip.compress(self.headers["Host"].encode())
        known = self.headers["If-None-Match"] == '"v1"'
        self.send_response(304 if known else 200)
        self.send_header("ETag", '"v1"')
        if not known:
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not known:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.enable_socket
def test_fetch_when_a_real_server_answers_then_body_validators_and_then_nothing_new() -> None:
    with serving() as port:
        got = fetch.fetch(f"http://localhost:{port}/moved", config=HOME)
        assert isinstance(got, Fetched)
        assert (got.content, got.url) == (f"localhost:{port}".encode(), f"http://localhost:{port}/page")
        again = fetch.fetch(got.url, config=HOME, validators=got.validators)
        assert isinstance(again, NotModified)
        with pytest.raises(FetchError, match="not a public address"):
            fetch.fetch(got.url, config=FetchConfig())


@pytest.mark.enable_socket
def test_fetch_when_nobody_listens_then_one_clear_line() -> None:
    with serving() as port:
        pass
    with pytest.raises(FetchError, match="cannot connect"):
        fetch.fetch(f"http://127.0.0.1:{port}/", config=HOME)

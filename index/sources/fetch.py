"""The only network in index: a conditional GET with limits on size, time, redirects and addresses.

Each hop's host is resolved here, judged, and connected to by the address that was judged, so that a name which
resolves differently a moment later changes nothing. Proxies of the environment are not used for the same reason.
"""

import math
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from index.config import FetchConfig
from index.errors import FetchError
from index.sources import addresses
from index.sources.addresses import Resolver
from index.types import Validators

if TYPE_CHECKING:
    import httpx  # at run time where it is first used: most commands fetch nothing

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_BUSY = frozenset((429, 503))
_TOTAL_TIMES = 3  # the whole fetch may take so many times the limit of one step
_LONGEST_WAIT_S = 86_400.0
_ACCEPT = "text/html, application/atom+xml, application/rss+xml, application/json, text/plain, */*;q=0.5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A body, where it came from after redirects, its declared encoding, and what to ask with next time."""

    url: str
    content: bytes
    charset: str | None = None
    validators: Validators = field(default_factory=Validators)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The server says that nothing changed since the validators."""

    url: str
    validators: Validators


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limits:
    """What one fetch may take, and its name in errors."""

    where: str
    config: FetchConfig
    clock: Callable[[], float]
    deadline: float

    def check_clock(self) -> None:
        if self.clock() > self.deadline:
            raise FetchError(self.where, "took too long in all")

    def too_large(self) -> FetchError:
        return FetchError(self.where, f"larger than {self.config.max_bytes / 1_000_000:g} MB")


def fetch(
    url: str,
    *,
    config: FetchConfig,
    validators: Validators | None = None,
    transport: "httpx.BaseTransport | None" = None,
    resolve: Resolver = addresses.resolve,
    clock: Callable[[], float] = time.monotonic,
) -> Fetched | NotModified:
    """Read an address.

    Args:
        url: http or https.
        config: the limits.
        validators: what the last look gave; None asks for the body in any case.
        transport: what carries requests; None for the network.
        resolve: host and port -> addresses; by default the system's.
        clock: seconds that only grow, for the total time limit.

    Raises: FetchError, with `retry_after_s` where the server asked for patience.
    """
    import httpx

    where = _shown(url)
    limits = _Limits(where=where, config=config, clock=clock, deadline=clock() + config.timeout_s * _TOTAL_TIMES)
    headers = _headers(config, validators)
    with _translated(where), httpx.Client(transport=transport, trust_env=False, follow_redirects=False) as client:
        target = httpx.URL(url.strip())
        for _ in range(config.max_redirects + 1):
            response = client.send(_request(client, target, headers, limits, resolve), stream=True)
            try:
                if response.status_code not in _REDIRECTS:
                    return _taken(response, target, validators, limits)
                target = _next(response, target, where)
            finally:
                response.close()
            client.cookies.clear()  # hosts behind one address would share them
            limits.check_clock()
        raise FetchError(where, f"more than {config.max_redirects} redirects")


def _headers(config: FetchConfig, validators: Validators | None) -> dict[str, str]:
    headers = {"User-Agent": config.user_agent, "Accept": _ACCEPT, "Accept-Encoding": "gzip"}
    if validators is not None and validators.etag:
        headers["If-None-Match"] = validators.etag
    if validators is not None and validators.last_modified:
        headers["If-Modified-Since"] = validators.last_modified
    return headers


def _request(
    client: "httpx.Client", target: "httpx.URL", headers: Mapping[str, str], limits: _Limits, resolve: Resolver
) -> "httpx.Request":
    """Build the request to the judged address, with the host's own name in header and TLS."""
    where, config = limits.where, limits.config
    host = target.raw_host.decode("ascii").strip("[]")
    if target.scheme not in ("http", "https") or not host:
        raise FetchError(where, f"not an http or https address ({target.scheme or 'no scheme'})")
    port = target.port or (443 if target.scheme == "https" else 80)
    try:
        found = resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise FetchError(where, f"host {host} cannot be found") from error
    if not found:
        raise FetchError(where, f"host {host} cannot be found")
    if not config.allow_private:
        refused = next((address for address in found if not addresses.is_public(address)), None)
        if refused is not None:
            raise FetchError(
                where, f"host {host} is at {refused}, not a public address; fetch.allow_private permits it"
            )
    return client.build_request(
        "GET",
        target.copy_with(host=found[0], fragment=None),
        headers={**headers, "Host": target.netloc.decode("ascii")},
        timeout=config.timeout_s,
        extensions={"sni_hostname": host},
    )


def _next(response: "httpx.Response", target: "httpx.URL", where: str) -> "httpx.URL":
    location = response.headers.get("location", "")
    if not location:
        raise FetchError(where, f"HTTP {response.status_code} without a location")
    return target.join(location)


def _taken(
    response: "httpx.Response", target: "httpx.URL", validators: Validators | None, limits: _Limits
) -> Fetched | NotModified:
    status = response.status_code
    if status == 304 and validators is not None:
        return NotModified(url=str(target), validators=validators)
    if status != 200:
        reason = f" {response.reason_phrase}" if response.reason_phrase else ""
        raise FetchError(limits.where, f"HTTP {status}{reason}", retry_after_s=_retry_after_s(response))
    content = b"".join(_body(response, limits))
    return Fetched(
        url=str(target),
        content=content,
        charset=response.charset_encoding,
        validators=Validators(etag=response.headers.get("etag"), last_modified=response.headers.get("last-modified")),
    )


def _body(response: "httpx.Response", limits: _Limits) -> Iterator[bytes]:
    """Unpack the body as it comes, so that neither side of the compression can exceed the limit."""
    max_bytes = limits.config.max_bytes
    stated = response.headers.get("content-length", "")
    if stated.isdecimal() and len(stated) < 19 and int(stated) > max_bytes:
        raise limits.too_large()
    unpack = _unpacker(response.headers.get("content-encoding", "").strip().lower(), limits.where)
    received = given = 0
    for chunk in response.iter_raw():
        limits.check_clock()
        received += len(chunk)
        part = unpack(chunk, max_bytes - given + 1) if received <= max_bytes else b""
        given += len(part)
        if max(received, given) > max_bytes:
            raise limits.too_large()
        yield part
    unpack(b"", 0)


def _unpacker(encoding: str, where: str) -> Callable[[bytes, int], bytes]:
    if encoding in ("", "identity"):
        return lambda chunk, _limit: chunk
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise FetchError(where, f"encoded as {encoding[:40]!r}, which was not asked for")
    inflater = zlib.decompressobj(wbits=47)  # gzip or zlib, told by their headers

    def unpack(chunk: bytes, limit_bytes: int) -> bytes:
        if chunk:
            return inflater.decompress(chunk, limit_bytes)
        if not inflater.eof:
            raise FetchError(where, "the compressed body is truncated")
        return b""

    return unpack


def _retry_after_s(response: "httpx.Response") -> float | None:
    """Read Retry-After: seconds, or a date measured against the server's own clock."""
    stated = response.headers.get("retry-after", "").strip()
    if response.status_code not in _BUSY or not stated:
        return None
    if stated.isdecimal() and stated.isascii():
        return min(float(stated[:12]), _LONGEST_WAIT_S)
    try:
        until = parsedate_to_datetime(stated)
        wait_s = (until - parsedate_to_datetime(response.headers.get("date", ""))).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(max(wait_s, 0.0), _LONGEST_WAIT_S) if math.isfinite(wait_s) else None


def _shown(url: str) -> str:
    """Give an address as it may be logged: without user and password."""
    scheme, mark, rest = url.strip().partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{mark}{authority.rsplit('@', 1)[-1]}{slash}{path}"


@contextmanager
def _translated(where: str) -> Iterator[None]:
    """Turn what httpx and zlib raise into a FetchError, most specific first."""
    import httpx

    try:
        yield
    except httpx.TimeoutException as error:
        raise FetchError(where, "timed out") from error
    except httpx.ConnectError as error:
        raise FetchError(where, f"cannot connect ({_reason(error)})") from error
    except httpx.RemoteProtocolError as error:
        raise FetchError(where, f"broke off or does not speak HTTP ({_reason(error)})") from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise FetchError(where, f"not an http or https address ({_reason(error)})") from error
    except (httpx.HTTPError, httpx.StreamError, httpx.CookieConflict) as error:
        raise FetchError(where, _reason(error)) from error
    except zlib.error as error:
        raise FetchError(where, f"the compressed body is damaged ({error})") from error


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__

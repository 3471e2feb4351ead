"""What Telegram says instead of a result: a code, its own words, and sometimes what to do about it."""

from http import HTTPStatus


class RefusalError(Exception):
    """A call that was not carried out."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = int(code)
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, object]:
        """Give the JSON that Telegram answers with."""
        body: dict[str, object] = {"ok": False, "error_code": self.code, "description": self.description}
        return {**body, "parameters": dict(self.parameters)} if self.parameters else body


def bad_request(what: str, **parameters: int) -> RefusalError:
    return RefusalError(HTTPStatus.BAD_REQUEST, f"Bad Request: {what}", **parameters)


def forbidden(what: str) -> RefusalError:
    return RefusalError(HTTPStatus.FORBIDDEN, f"Forbidden: {what}")


def conflict(what: str) -> RefusalError:
    return RefusalError(HTTPStatus.CONFLICT, f"Conflict: {what}")


def too_many_requests(retry_after_s: int) -> RefusalError:
    return RefusalError(
        HTTPStatus.TOO_MANY_REQUESTS, f"Too Many Requests: retry after {retry_after_s}", retry_after=retry_after_s
    )


def unauthorized() -> RefusalError:
    return RefusalError(HTTPStatus.UNAUTHORIZED, "Unauthorized")


def not_found() -> RefusalError:
    return RefusalError(HTTPStatus.NOT_FOUND, "Not Found")


def bad_gateway() -> RefusalError:
    return RefusalError(HTTPStatus.BAD_GATEWAY, "Bad Gateway")


def not_simulated(what: str) -> RefusalError:
    """Say loudly that the fault is this server's, not the bot's."""
    return RefusalError(HTTPStatus.NOT_IMPLEMENTED, f"Not Implemented: the strict server does not simulate {what}")

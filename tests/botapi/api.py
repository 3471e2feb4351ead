"""One call from name and parameters to Telegram's answer; knows all methods that are simulated, and no HTTP."""

from collections.abc import Callable, Mapping
from functools import cache

from tests.botapi import answering, chats, editing, menus, parameters, sending
from tests.botapi.core import Call, Core
from tests.botapi.faults import Drop, DroppedError
from tests.botapi.refusals import RefusalError, not_simulated
from tests.botapi.state import Json


@cache
def simulated() -> Mapping[str, Callable[[Core, Json], object]]:
    """Return all methods that do something here."""
    parts = (sending, editing, answering, chats, menus)
    return {name: method for part in parts for name, method in part.METHODS.items()}


async def call(core: Core, method: str, given: Mapping[str, object], files: Mapping[str, bytes]) -> tuple[int, Json]:
    """Carry out a call. Returns: the HTTP status and body.

    Raises: DroppedError where the caller is to hear nothing.
    """
    fault = core.faults.take(method)
    if fault is Drop.BEFORE:
        raise DroppedError
    status, body = await _answered(core, method, given, files, fault if isinstance(fault, RefusalError) else None)
    core.touch()
    if isinstance(fault, Drop):
        raise DroppedError(silent=fault is Drop.SILENCE)
    return status, body


async def _answered(
    core: Core, method: str, given: Mapping[str, object], files: Mapping[str, bytes], fault: RefusalError | None
) -> tuple[int, Json]:
    plain: Json = dict(given)
    try:
        if fault is not None:
            raise fault
        for name, content in files.items():
            core.world.files[name] = content
        method, plain = parameters.read(method, given)
        result = await _result(core, method, plain)
    except RefusalError as refusal:
        _record(core, Call(method=method, parameters=plain, at=core.clock(), error=refusal.description,
                           code=refusal.code))  # fmt: skip
        return refusal.code, refusal.body()
    _record(core, Call(method=method, parameters=plain, at=core.clock(), result=result))
    return 200, {"ok": True, "result": result}


def _record(core: Core, made: Call) -> None:
    # Empty polls say nothing and would fill the list.
    if made.method != "getUpdates" or made.error:
        core.calls.append(made)


async def _result(core: Core, method: str, given: Json) -> object:
    if method == "getUpdates":
        return await core.updates.get_updates(given)
    if method not in simulated():
        raise not_simulated(method)
    return simulated()[method](core, given)

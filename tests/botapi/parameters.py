"""Which methods there are and what they take, from aiogram's models of the Bot API; values come out as plain JSON.

Stricter than Telegram in one thing: a name that the API does not know, which Telegram ignores, is refused.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from tests.botapi.refusals import RefusalError, bad_request, not_found
from tests.botapi.state import Json

_EMPTY = {"chat_id": "chat_id is empty", "text": "message text is empty", "user_id": "invalid user_id specified",
          "message_id": "message identifier is not specified", "photo": "there is no photo in the request",
          "document": "there is no document in the request", "action": "wrong parameter action in request",
          "results": "results isn't specified", "commands": "can't parse commands list"}  # fmt: skip
_SCALARS = (int, bool, float)


@cache
def methods() -> Mapping[str, type[BaseModel]]:
    """Return all methods of the Bot API by their name in lower case, as Telegram takes them."""
    from aiogram import methods as known

    classes = [getattr(known, name) for name in known.__all__]
    return {one.__api_method__.lower(): one for one in classes if isinstance(getattr(one, "__api_method__", None), str)}


def read(method: str, given: Mapping[str, object]) -> tuple[str, Json]:
    """Check a call's name and parameters. Returns: its name in the API's spelling and plain values.

    Raises: RefusalError.
    """
    model = methods().get(method.lower())
    if model is None:
        raise not_found()
    name = str(model.__api_method__)  # type: ignore[attr-defined]
    unknown = set(given) - set(model.model_fields)
    if unknown:
        raise bad_request(f"method {name} has no parameter {', '.join(sorted(unknown))}")
    values = {key: _decoded(key, value, model.model_fields[key].annotation) for key, value in given.items()}
    try:
        call = model.model_validate(values)
    except ValidationError as error:
        raise _refusal(error) from error
    _check_names(name, call)
    return name, call.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _refusal(error: ValidationError) -> RefusalError:
    first = error.errors(include_url=False)[0]
    where = str(first["loc"][0]) if first["loc"] else "request"
    if first["type"] == "missing" and len(first["loc"]) == 1:
        return bad_request(_EMPTY.get(where, f"parameter {where} is required"))
    path = ".".join(str(part) for part in first["loc"])
    return bad_request(f"can't parse {path}: {first['msg']}")


def _decoded(name: str, value: object, annotation: object) -> object:
    """Turn a form's string into the value that it stands for; JSON bodies may hold values already."""
    if not isinstance(value, str):
        return value
    kinds = set(_kinds(annotation))
    if int in kinds and re.fullmatch(r"-?\d+", value):
        return int(value)
    if bool in kinds:
        return {"true": True, "1": True, "false": False, "0": False}.get(value.lower(), value)
    if str in kinds or kinds & set(_SCALARS):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from error


def _kinds(annotation: object) -> Iterator[object]:
    if get_origin(annotation) in (Union, UnionType):
        for part in get_args(annotation):
            yield from _kinds(part)
    elif get_origin(annotation) is not None and hasattr(annotation, "__metadata__"):
        yield from _kinds(get_args(annotation)[0])
    else:
        yield annotation


def _check_names(name: str, value: Any) -> None:  # noqa: ANN401  any depth of models, lists and scalars
    if isinstance(value, BaseModel):
        if value.model_extra:
            unknown = ", ".join(sorted(value.model_extra))
            raise bad_request(f"{name}: {type(value).__name__} has no field {unknown}")
        for key in value.model_fields_set:
            _check_names(name, getattr(value, key))
    elif isinstance(value, list | tuple):
        for one in value:
            _check_names(name, one)

"""The API described: as an OpenAPI document for programs, and as rows for the page that people read. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from crm.api.items import MOST_ITEMS
from crm.contracts import ApiOperation
from crm.text import N_

VERSION = "1"
_REF = "#/components/schemas/"

_REFUSALS = {
    "401": N_("No valid token."),
    "403": N_("The token lacks the scope."),
    "404": N_("There is nothing at this address."),
    "409": N_("The Idempotency-Key was used for another request."),
    "413": N_("The body is larger than 4 MB."),
    "422": N_("Something in it was not understood; nothing was taken in."),
    "429": N_("Too many requests; Retry-After says how many seconds to wait."),
    "503": N_("Busy; nothing was saved. Send it again."),
}
_PROBLEM = {
    "type": "object",
    "required": ["title", "status", "detail"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["index", "field", "value", "reason"],
                "properties": {
                    "index": {"type": "integer"},
                    "field": {"type": "string"},
                    "value": {"type": "string"},
                    "reason": {"type": "string"},
                },
            },
        },
    },
}


def document(operations: Sequence[ApiOperation], base_url: str) -> dict[str, Any]:
    schemas = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tenure", "version": VERSION},
        "servers": [{"url": base_url}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {**schemas, "Problem": _PROBLEM},
        },
    }


def _operation(one: ApiOperation) -> dict[str, Any]:
    refusals = _refusals(one)
    described: dict[str, Any] = {
        "operationId": one.key,
        "summary": one.title,
        "description": f"{one.explains} Scope: `{one.scope}`.",
        "parameters": [
            {
                "name": parameter.name,
                "in": parameter.place,
                "required": parameter.place == "path",
                "description": parameter.title,
                "schema": dict(parameter.schema),
            }
            for parameter in one.parameters
        ],
        "responses": {
            "200": {"description": "OK", "content": {"application/json": {"schema": _ref(one.answer)}}},
            **{
                status: {
                    "description": words,
                    "content": {"application/problem+json": {"schema": {"$ref": _REF + "Problem"}}},
                }
                for status, words in refusals.items()
            },
        },
    }
    if one.body is not None:
        item = _ref(one.body)
        batch = {"type": "array", "items": item, "minItems": 1, "maxItems": MOST_ITEMS}
        content = {"schema": {"anyOf": [item, batch]}, "example": dict(one.example)}
        described["requestBody"] = {"required": True, "content": {"application/json": content}}
    return described


def _refusals(one: ApiOperation) -> dict[str, str]:
    writing, reading = ("409", "413", "422"), ("404",)
    left_out = reading if one.body is not None else writing
    return {status: words for status, words in _REFUSALS.items() if status not in left_out}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF + model.__name__}


def _schemas(operations: Sequence[ApiOperation]) -> dict[str, Any]:
    sent = {one.body for one in operations if one.body is not None}
    answered = {one.answer for one in operations}
    wanted: list[tuple[type[BaseModel], Any]] = [
        *((model, "validation") for model in sorted(sent, key=lambda model: model.__name__)),
        *((model, "serialization") for model in sorted(answered, key=lambda model: model.__name__)),
    ]
    _, definitions = models_json_schema(wanted, ref_template=_REF + "{model}")
    found: dict[str, Any] = definitions["$defs"]
    return found


# --- for people ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FieldRow:
    """One line of the table of fields. ``name`` is dotted: ``account.domain``, ``events[].kind``."""

    name: str
    kind: str  # text, number, instant, one of: …
    needed: bool
    means: str  # N_(…), or empty


@dataclass(frozen=True)
class Described:
    operation: ApiOperation
    fields: tuple[FieldRow, ...]
    curl: str


def described(operations: Sequence[ApiOperation], base_url: str) -> list[Described]:
    schemas = _schemas(operations)
    return [Described(one, tuple(_rows(one, schemas)), _curl(one, base_url)) for one in operations]


def _curl(one: ApiOperation, base_url: str) -> str:
    path = one.path
    for parameter in one.parameters:
        if parameter.place == "path":
            path = path.replace(f"{{{parameter.name}}}", str(one.example.get(parameter.name, "")))
    lines = [f'curl {base_url}{path} \\\n  -H "Authorization: Bearer $TENURE_TOKEN"']
    if one.body is not None:
        body = json.dumps(one.example, ensure_ascii=False, indent=2).replace("'", "'\\''")
        lines += ['  -H "Idempotency-Key: 7f3c0b1e"', '  -H "Content-Type: application/json"', f"  -d '{body}'"]
    return " \\\n".join(lines)


def _rows(one: ApiOperation, schemas: Mapping[str, Any]) -> Iterator[FieldRow]:
    if one.body is None:
        for parameter in one.parameters:
            yield FieldRow(parameter.name, "text", parameter.place == "path", parameter.title)
        return
    yield from _of_object(schemas[one.body.__name__], schemas, "")


def _of_object(schema: Mapping[str, Any], schemas: Mapping[str, Any], before: str) -> Iterator[FieldRow]:
    needed = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        inner = _resolved(part, schemas)
        means = part.get("description") or inner.get("description", "") if "properties" not in inner else ""
        if "properties" in inner:
            yield from _of_object(inner, schemas, f"{before}{name}.")
        elif "properties" in (of := _resolved(inner.get("items", {}), schemas)):
            yield FieldRow(f"{before}{name}", _kind(inner), name in needed, part.get("description", ""))
            yield from _of_object(of, schemas, f"{before}{name}[].")
        else:
            yield FieldRow(f"{before}{name}", _kind(inner), name in needed, means)


def _resolved(part: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    """Behind references and ``or null``."""
    if "$ref" in part:
        return _resolved(schemas[part["$ref"].removeprefix(_REF)], schemas)
    options = [one for one in part.get("anyOf", ()) if one.get("type") != "null"]
    return _resolved(options[0], schemas) if options else part


_KINDS: Mapping[str, str] = {
    "string": N_("text"),
    "integer": N_("whole number"),
    "number": N_("number"),
    "boolean": N_("true or false"),
    "array": N_("list"),
}


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " · ".join(str(one) for one in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if schema.get("format") == "date-time":
        return N_("instant")
    return _KINDS.get(str(schema.get("type")), str(schema.get("type", "")))

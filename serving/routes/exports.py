"""Lists for campaigns, what was sent, and what it was good for: for marketing, and sales with their own customers."""

from typing import Any

from starlette.responses import Response

from serving import export_shapes
from serving.errors import NotFound
from serving.export_files import MEDIA_TYPES, place
from serving.exports import Asked, folder_of, found, make, shown
from serving.lift import DAYS, OUTCOMES, lift
from serving.operations import Call, Operation
from serving.parameters import choice, text, whole
from workspace.state import now

EXPORT = text("export_id", "the export's id", place="path")
_DOWNLOAD = choice("download", "true for the file itself", ("true", "false"), "false")
_PARAMETERS = (
    EXPORT,
    whole("days", "days of 24 hours after the export", 1, 730, DAYS),
    choice("outcome", "event: a contact the customer began, or an order; order: an order", OUTCOMES, "event"),
)


def _make(call: Call) -> dict[str, Any]:
    return make(call.snapshot, call.caller, call.body, call.state, call.secret, folder_of(call.workspace), now())


def _one(call: Call) -> dict[str, Any] | Response:
    export = found(call.state, call.caller, call.values["export_id"])
    if call.values["download"] == "false":
        return shown(export)
    file = place(folder_of(call.workspace), export["export_id"], export["format"])
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise NotFound("The file of this export is gone; its record is kept. Make the export again.") from None
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "X-Published-Version": export["version"]}
    return Response(content, headers=headers, media_type=MEDIA_TYPES[export["format"]])


def _lift(call: Call) -> dict[str, Any]:
    export = found(call.state, call.caller, call.values["export_id"])
    return lift(call.snapshot, call.state, export, call.values["days"], call.values["outcome"])


OPERATIONS = (
    Operation(
        "POST",
        "/api/v1/exports",
        "Make a list for a campaign, less its control group, and keep a record of it",
        _make,
        export_shapes.Export,
        body=Asked,
        threaded=True,
        status=201,
    ),
    Operation(
        "GET",
        "/api/v1/exports/{export_id}",
        "What was sent; with download=true the file",
        _one,
        export_shapes.Export,
        (EXPORT, _DOWNLOAD),
        threaded=True,
        files=tuple(media_type for name, media_type in MEDIA_TYPES.items() if name != "json"),
    ),
    Operation(
        "GET",
        "/api/v1/exports/{export_id}/lift",
        "How many of those sent did something, against the control group, with the interval of the difference",
        _lift,
        export_shapes.Lift,
        _PARAMETERS,
        threaded=True,
    ),
)

"""The public calls of a phone: how the service reads them, and how they are read without it."""

import csv
import json

PHONE = "200"
MAPPING = {
    "format": "lea.mapping/1",
    "name": "vast2008",
    "kind": "call",
    "file": {
        "header": True,
        "columns": ["From", "To", "Datetime", "Duration(seconds)", "Cell Tower"],
    },
    "time": {"format": "%Y%m%d %H%M", "zone": "Europe/Amsterdam"},
    "region": "NL",
    "row_id": {"line_digest": True},
    "fields": {
        "started_at": {"column": "Datetime"},
        "duration_s": {"column": "Duration(seconds)"},
        "caller": {"column": "From"},
        "callee": {"column": "To"},
        "cell": {"column": "Cell Tower"},
    },
    "categories": ["traffic_call_records"],
}


def path_of(folder):
    """Return where the calls lie in the folder of reference data."""
    return folder / "data" / "vast2008" / "cdr.csv"


def read_calls(path, first, end):
    """Read the file without any code of the service: calls of the phone as either party."""
    days = first.replace("-", ""), end.replace("-", "")
    with path.open(newline="") as file:
        return sorted(
            (row["From"], row["To"], row["Datetime"], row["Duration(seconds)"])
            for row in csv.DictReader(file)
            if PHONE in (row["From"], row["To"]) and days[0] <= row["Datetime"][:8] < days[1]
        )


def as_in_the_file(lines):
    """Return delivered calls with the columns of the file, times in its zone.

    Nobody asked where the phones were, so no row says that.
    """
    rows = [json.loads(line) for line in lines]
    assert {row["cell"] for row in rows} <= {None}
    return sorted(
        (
            row["caller_raw"],
            row["callee_raw"],
            local_minute(row["started_at"]),
            str(row["duration_s"]),
        )
        for row in rows
    )


def local_minute(instant):
    """Turn an instant of June 2006 into the wall clock of the file, two hours ahead of UTC."""
    day, hour, minute = int(instant[8:10]), int(instant[11:13]) + 2, instant[14:16]
    return f"200606{day + hour // 24:02d} {hour % 24:02d}{minute}"

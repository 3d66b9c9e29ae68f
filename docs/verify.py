#!/usr/bin/env python3
"""A second verifier of Timeproof's exports, written from docs/ledger.md and docs/verify-format.md alone.

    python3 verify.py FOLDER [--checkpoint FILE]... [--key LINE-OR-FILE]... [--witness LINE]... [--fresh 1h]

It needs Python 3.11 and nothing else, and shares no line with `tp verify`: where the two disagree, one of
them is wrong. It prints one line of JSON, {"valid": ..., "codes": [...], "first": ...}, with the same codes
as `tp verify --json`, and ends with 0 (valid), 1 (something was found) or 2 (not understood).
Unlike `tp verify` it reads a table at a time into memory, and checks no receipts of single events.
"""

import argparse
import base64
import datetime
import hashlib
import json
import math
import os
import re
import struct
import sys
import time

ORDER = """manifest file.missing file.differs key.unreadable head.unreadable head.unsigned head.origin
witness.missing witness.stale witness.behind log.line log.leaf log.twice log.short log.root
checkpoint.unreadable checkpoint.unsigned checkpoint.origin checkpoint.longer checkpoint.other time.back
words.differ row.line row.unknown row.twice row.differs row.pending row.missing receipt""".split()

MOST_LINE = 4 * 1024 * 1024
MOST_COLUMNS = 200
MOST_KEYS = 256 * 1024


class NotUnderstood(Exception):
    pass


class Bad(Exception):
    """What is not as it should be: a code and a sentence."""

    def __init__(self, code, what=""):
        super().__init__(what)
        self.code, self.what = code, what


# Ed25519 (RFC 8032, 5.1), verification only.

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return (P - x if x & 1 != sign else x, y)


def add(a, b):
    t = D * a[0] * b[0] * a[1] * b[1] % P
    x = (a[0] * b[1] + b[0] * a[1]) * pow(1 + t, P - 2, P)
    y = (a[1] * b[1] + a[0] * b[0]) * pow(1 - t, P - 2, P)
    return (x % P, y % P)


def times(number, of):
    result = (0, 1)
    while number:
        if number & 1:
            result = add(result, of)
        of, number = add(of, of), number >> 1
    return result


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed_by(public, message, signature):
    if len(signature) != 64:
        return False
    a, r = point(public), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return times(s, BASE) == add(r, times(h, a))


# Notes, keys and heads (C2SP signed-note, tlog-checkpoint, tlog-cosignature).


def unbase64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data).decode() == text else None


def text_of(data):
    """A small file as text; what is not UTF-8 is none."""
    try:
        return (data or b"").decode()
    except UnicodeDecodeError:
        return ""


def is_name(name):
    return bool(name) and "+" not in name and not any(c.isspace() or ord(c) < 32 or 127 <= ord(c) < 160 for c in name)


def key_of(line):
    parts = line.split("+", 2)
    data = unbase64(parts[2]) if len(parts) == 3 else None
    if not data or len(data) != 33 or data[0] not in (1, 4) or not is_name(parts[0]):
        return None
    key_id = hashlib.sha256(parts[0].encode() + b"\n" + data).digest()[:4]
    if key_id.hex() != parts[1]:
        return None
    return {"line": line, "name": parts[0], "id": key_id, "kind": data[0], "public": data[1:]}


def keys_of(text):
    lines = [line for line in re.split("\r?\n", text) if line]
    keys = [key_of(line) for line in lines]
    return keys if keys and all(keys) else None


def need(holds):
    """Refuses what is not of its form; `assert` would be left out with `python -O`."""
    if not holds:
        raise ValueError("not of this form")


def head_of(text, keys, code):
    """The head, the lines of the log's keys that have signed it, and when witnesses have cosigned it."""
    try:
        body, _, rest = text.rpartition("\n\n")
        body += "\n"
        lines = rest.split("\n")
        need(body != "\n" and lines.pop() == "" and 0 < len(lines) <= 64)
        need(len(text.encode()) <= 64 * 1024 and all(c == "\n" or c >= " " for c in body))
        signatures = []
        for line in lines:
            dash, name, words = line.split(" ")
            data = unbase64(words)
            need(dash == "—" and is_name(name) and data and len(data) > 4)
            signatures.append((name, data[:4], data[4:]))
        origin, size, root, *more = body[:-1].split("\n")
        need(origin and all(more) and re.fullmatch("0|[1-9][0-9]*", size))
        root, size = unbase64(root), int(size)
        need(root and len(root) == 32 and size < 2**64)
    except (ValueError, TypeError):
        raise Bad(code + ".unreadable", "this is not the signed head of a log") from None
    logs, witnesses = {}, {}
    for name, key_id, data in signatures:
        for key in keys:
            if (key["name"], key["id"]) != (name, key_id):
                continue
            message = body.encode()
            if key["kind"] == 4:
                at = int.from_bytes(data[:8], "big")
                message = b"cosignature/v1\ntime %d\n" % at + message
                if at >= 2**63:
                    raise Bad(code + ".unsigned", "a time that is none")
                data = data[8:]
            if not signed_by(key["public"], message, data):
                raise Bad(code + ".unsigned", "a known key has signed something else")
            if key["kind"] == 1:
                logs.setdefault(name, []).append(key["line"])
            else:
                witnesses[name] = max(at, witnesses.get(name, 0))
    if not logs and not witnesses:
        raise Bad(code + ".unsigned", "no key that is known has signed it")
    if origin not in logs:
        raise Bad(code + ".origin", "the head is of " + origin)
    return {"origin": origin, "size": size, "root": root, "keys": logs[origin], "witnesses": witnesses}


def renamed(line, name):
    """The same key by the name of another log of the instance."""
    data = key_of(line)
    raw = bytes([data["kind"]]) + data["public"]
    key_id = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    return {"line": f"{name}+{key_id.hex()}+{base64.b64encode(raw).decode()}", "name": name, "id": key_id,
            "kind": data["kind"], "public": data["public"]}


def is_epoch(rest):
    return rest == "" or re.fullmatch("/epoch-[1-9][0-9]*", rest) is not None


def included(leaf, index, size, proof, root):
    """RFC 9162, 2.1.3.2."""
    at, last, node = index, size - 1, hashlib.sha256(b"\0" + leaf).digest()
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            node = hashlib.sha256(b"\1" + sibling + node).digest()
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            node = hashlib.sha256(b"\1" + node + sibling).digest()
        at, last = at >> 1, last >> 1
    return index < size and last == 0 and node == root


def in_instance(text, head, witnesses, workspace):
    """The workspace's head that a receipt (C2SP tlog-proof) shows in the instance's log: size, root and who has
    cosigned. Whatever is wrong with it, it proves nothing."""
    try:
        front, _, note = text.partition("\n\n")
        first, extra, index, *proof = front.split("\n")
        need(first == "c2sp.org/tlog-proof@v1" and extra.startswith("extra ") and index.startswith("index "))
        leaf, index = unbase64(extra[6:]), index[6:]
        need(leaf and len(leaf) <= 64 * 1024 and re.fullmatch("0|[1-9][0-9]*", index) and int(index) < 2**64)
        proof = [unbase64(line) for line in proof]
        need(len(proof) <= 64 and all(node and len(node) == 32 for node in proof))
        base, own, rest = head["origin"].partition("/" + workspace)
        origin = note.split("\n")[0]
        need(own and is_epoch(rest) and origin.startswith(base) and is_epoch(origin[len(base):]))
        keys = [renamed(line, origin) for line in head["keys"]]
        told = head_of(note, keys + witnesses, "head")
        need(included(leaf, int(index), told["size"], proof, told["root"]))
        need(len(leaf) == 65 and leaf[0] == 2 and uuid_text(leaf[1:17]) == workspace)
    except (ValueError, TypeError, Bad) as error:
        raise Bad("receipt", str(error)) from None
    return {"size": int.from_bytes(leaf[17:25], "big"), "root": leaf[25:57], "witnesses": told["witnesses"],
            "at": int.from_bytes(leaf[57:], "big", signed=True)}


# Leaves (docs/ledger.md).


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if self.at + count > len(self.data):
            raise ValueError("cut short")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def name(self):
        data = self.take(self.number(">B"))
        if not data or not all(33 <= byte <= 126 for byte in data):
            raise ValueError("no name")
        return data.decode()

    def id_or_none(self):
        mark = self.number(">B")
        if mark > 1:
            raise ValueError("neither an id nor none")
        return self.take(16) if mark else None

    def end(self):
        if self.at != len(self.data):
            raise ValueError("more follows")


def event_of(data):
    reader = Reader(data)
    if len(data) > 65535 or reader.number(">B") != 1:
        raise ValueError("not an event")
    event = {"id": reader.take(16), "at": reader.number(">q"), "actor_kind": reader.name()}
    event["actor_id"], event["kind"] = reader.id_or_none(), reader.name()
    event["object_kind"], event["object_id"] = reader.name(), reader.take(16)
    event["subject_id"], event["request_id"] = reader.id_or_none(), reader.take(16)
    event["facts"] = reader.take(reader.number(">I"))
    reader.end()
    return event


def facts_of(data):
    reader = Reader(data)
    if reader.number(">B") != 1:
        raise ValueError("another version")
    changes = [(reader.name(), value_of(reader), value_of(reader)) for _ in range(reader.number(">H"))]
    reader.end()
    return changes


def value_of(reader):
    kind = reader.number(">B")
    if kind == 0:
        return None
    if kind == 1:
        return ("int", reader.number(">q"))
    if kind == 2:
        return ("id", reader.take(16))
    if kind == 3:
        return ("word", reader.take(reader.number(">H")).decode())
    if kind == 4:
        return ("text", reader.take(32), None)
    raise ValueError("no value")


def shown(value, words):
    """A value as the table of events shows it."""
    if value is None:
        return None
    if value[0] == "id":
        return uuid_text(value[1])
    if value[0] == "text":
        return {"erased": True} if words is None else words
    return value[1]


def uuid_text(data):
    text = data.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def uuid_of(text):
    form = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    return bytes.fromhex(text.replace("-", "")) if isinstance(text, str) and re.fullmatch(form, text) else None


def commit(salt, text):
    return hashlib.sha256(b"timeproof text commitment v1" + salt + text.encode()).digest()


class Tree:
    def __init__(self):
        self.size, self.edge = 0, []

    def append(self, leaf):
        node, size = hashlib.sha256(b"\0" + leaf).digest(), self.size
        while size & 1:
            node, size = hashlib.sha256(b"\1" + self.edge.pop() + node).digest(), size >> 1
        self.edge.append(node)
        self.size += 1

    def root(self):
        root = None
        for node in reversed(self.edge):
            root = node if root is None else hashlib.sha256(b"\1" + node + root).digest()
        return root or hashlib.sha256(b"").digest()


# Tables: (kind of object, kinds that make, change and end it, columns). A column is told by the fact that
# is named after it; "@" is the event's time, "?" that older events did not tell it, nothing that none does.

NAMED = "name:text=name created_at:instant=@made"
TRASH = NAMED + " archived_at:instant=@archived deleted_at:instant=@deleted version"
TABLES = {
    "workspace": ("workspace", "workspace.created", "workspace.changed", "", NAMED
        + " currency:word=currency bare_number:word=bare_number? second_timer:word=second_timer?"
        + " overlaps:word=overlaps? week_start:word=week_start? zone:word=zone version"),
    "clients": ("client", "client.added", "client.changed client.deleted client.restored", "client.purged", TRASH),
    "roles": ("role", "role.added", "role.changed role.deleted", "", NAMED
        + " rights:rights=rights deleted_at:instant=@deleted version"),
    "members": ("member", "member.joined", "member.changed member.role_changed member.removed", "",
        "user_id:id=user? name:text=name email:text=address role:word=role zone:word=zone?"
        " week_start:word=week_start? locale:word=locale? clock_format:word=clock_format?"
        " joined_at:instant=@made removed_at:instant=removed_at version role_id:id=own_role client_id:id=client"),
    "invitations": ("invitation", "invitation.sent", "invitation.accepted invitation.revoked", "",
        "email:text=address role:word=role invited_by:id=invited_by? created_at:instant=@made"
        " expires_at:instant=expires_at? accepted_at:instant=@accepted accepted_by:id=accepted_by"
        " revoked_at:instant=@revoked version role_id:id=own_role client_id:id=client"),
    "api_tokens": ("token", "token.created", "token.revoked", "", NAMED
        + " member_id:id=@subject scope:word=scope expires_at:instant=expires_at last_used_at"
        + " revoked_at:instant=revoked_at"),
    "teams": ("team", "team.added", "team.changed", "team.deleted", NAMED
        + " archived_at:instant=@archived version"),
    "team_members": ("team", "team.member_put", "", "team.member_removed", "manager:flag=manager"),
    "projects": ("project", "project.added", "project.changed project.deleted project.restored",
        "project.purged", TRASH + " client_id:id=client hue:int=hue billable:flag=billable open:flag=open"),
    "project_members": ("project", "project.member_put", "", "project.member_removed", "manager:flag=manager"),
    "tasks": ("task", "task.added", "task.changed task.deleted task.restored", "task.purged",
        TRASH + " project_id:id=project"),
    "tags": ("tag", "tag.added", "tag.changed tag.deleted tag.restored", "tag.purged", TRASH),
    "time_entries": ("time_entry", "time_entry.added timer.started", "timer.stopped timer.discarded"
        " time_entry.changed time_entry.split time_entry.deleted time_entry.restored", "time_entry.purged",
        "member_id:id=member project_id:id=project task_id:id=task note:text=note billable:flag=billable"
        " started_at:instant=started_at stopped_at:instant=stopped_at duration_s:int=duration_s day:day=day"
        " zone:word=zone created_at:second=@made deleted_at:instant=@deleted version"),
    "support_requests": ("support", "support.asked", "support.confirmed support.granted support.refused"
        " support.opened support.ended", "",
        "operator_id:id=@operator operator:text=operator reason:text=reason ticket:text=ticket areas:areas=areas"
        " minutes:int=minutes may_write:flag=may_write without_owner:flag=without_owner asked_at:instant=@made"
        " lapses_at confirmed_at:instant=@confirmed confirmer_id:id=@confirmer confirmer:text=@confirmer_name"
        " opens_at:instant=opens_at granted_at:instant=@granted granted_by:id=@granted_by ends_at:instant=ends_at"
        " opened_at:instant=@opened used_at refused_at:instant=@refused refused_by:id=@refused_by"
        " ended_at:instant=@ended ended_by:word=ended_by"),
}
# Older versions had no such table: it is needed where an event tells of it.
NEWER = {"support_requests"}
# Facts that stay what the first event said.
FIRST = {"@opened"}
AREAS = "time reports projects people settings record export".split()
PAIRS = {"team_members": ("team_id", "teams"), "project_members": ("project_id", "projects")}
RIGHTS = """track_time book_everywhere create_tags read_managed_time read_all_time edit_managed_time
edit_all_time read_managed_reports read_all_reports read_projects manage_projects manage_clients
run_managed_projects run_all_projects manage_tags read_members read_addresses manage_teams
invite_members change_roles manage_roles remove_members revoke_tokens change_settings -
manage_sign_in read_record""".split()
KINDS = {}
for TABLE, (_, MADE, CHANGED, ENDED, _) in TABLES.items():
    for ACT, WORDS in (("made", MADE), ("changed", CHANGED), ("ended", ENDED)):
        KINDS.update({word: (TABLE, ACT) for word in WORDS.split()})


KINDS_OF_SUPPORT = TABLES["support_requests"][2].split()


def columns_of(table):
    for column in TABLES[table][4].split():
        name, _, rest = column.partition(":")
        shape, _, fact = rest.partition("=")
        yield name, shape, fact.rstrip("?"), fact.endswith("?")


def told_by(event, act, changes):
    """What the event tells beside its facts, then its facts."""
    if act == "made":
        yield "@made", ("int", event["at"])
    if event["kind"] == "token.created":
        yield "@subject", event["subject_id"] and ("id", event["subject_id"])
    if event["kind"] == "member.joined":
        yield from (("removed_at", None), ("own_role", None), ("client", None))
    if event["kind"] in ("invitation.revoked", "invitation.accepted") or event["kind"] in KINDS_OF_SUPPORT:
        yield "@" + event["kind"].split(".")[1], ("int", event["at"])
    actor = event["actor_id"] and ("id", event["actor_id"])
    yield from {
        "support.asked": [("@operator", actor)],
        "support.confirmed": [("@confirmer", actor)],
        "support.granted": [("@granted_by", actor if event["actor_kind"] == "member" else None)],
        "support.refused": [("@refused_by", actor)],
    }.get(event["kind"], [])
    for field, _, after in changes:
        if field in ("archived", "deleted"):
            yield "@" + field, ("int", event["at"]) if after == ("int", 1) else None
    for field, _, after in changes:
        if (event["kind"], field) == ("support.confirmed", "operator"):
            yield "@confirmer_name", after
        elif field[0] != "@" and (event["kind"], field) not in (("role.deleted", "name"), ("support.ended", "operator")):
            yield field, after


def instant_of(text):
    form = r"(-?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,6})?Z"
    match = re.fullmatch(form, text, re.ASCII) if isinstance(text, str) else None
    if not match or (match[2] or "").endswith("0"):
        return None
    try:
        whole = datetime.datetime.fromisoformat(match[1]) - datetime.datetime(1970, 1, 1)
    except ValueError:
        return None
    return (whole.days * 86400 + whole.seconds) * 1_000_000 + int((match[2] or ".0")[1:].ljust(6, "0"))


def is_erased(cell):
    return isinstance(cell, dict) and len(cell) == 1 and cell.get("erased") is True


def is_shown(cell):
    """Whether the table of events may have it as a value."""
    if type(cell) is int:
        return -(2**63) <= cell < 2**63
    return type(cell) in (str, type(None)) or is_erased(cell)


def agrees(cell, shape, value):
    """True, False, or None for a text that nobody can check any more."""
    if value is None:
        return cell is None
    if shape == "text" and value[0] == "text":
        if value[2] is not None:
            return isinstance(cell, str) and commit(value[2], cell) == value[1]
        return None if cell in (None, "") or is_erased(cell) else False
    if shape in ("int", "flag", "instant", "second", "day") and value[0] != "int":
        return False
    if shape == "int":
        return type(cell) is int and cell == value[1]
    if shape == "flag":
        return type(cell) is bool and int(cell) == value[1]
    if shape == "instant":
        return instant_of(cell) == value[1]
    if shape == "second":
        return instant_of(cell) == value[1] - value[1] % 1_000_000
    if shape == "day":
        if not isinstance(cell, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", cell, re.ASCII):
            return False
        try:
            days = (datetime.date.fromisoformat(cell) - datetime.date(1970, 1, 1)).days
        except ValueError:
            return False
        return days == value[1]
    if shape == "id":
        return value[0] == "id" and uuid_of(cell) == value[1]
    if shape == "word":
        return value[0] == "word" and isinstance(cell, str) and cell == value[1]
    if shape == "areas":
        words = value[1].split(",") if value[0] == "word" else ["-"]
        return set(words) <= set(AREAS) and type(cell) is int and cell == sum(1 << AREAS.index(word) for word in set(words))
    words = {word for word in value[1].split(" ") if word} if value[0] == "word" else {"-"}
    if "-" in words or not words <= set(RIGHTS):
        return False
    return type(cell) is int and cell == sum(1 << RIGHTS.index(word) for word in words)


def strict(pairs):
    """Of a name that stands twice two programs may read two values."""
    row = dict(pairs)
    if len(row) != len(pairs):
        raise ValueError("a name stands twice")
    return row


def whole_number(text):
    # As JSON this is a fraction, however it is read.
    return -0.0 if text == "-0" else int(text) if len(text) < 4000 else math.inf


def number_of_line(text):
    value = whole_number(text) if text.lstrip("-").isdigit() else float(text)
    if abs(value) >= 2**1024:
        raise ValueError("beyond what a double holds")
    return value


def no_number(text):
    raise ValueError(text + " is not of JSON")


def is_deep(value):
    """Whether something is nested more than 127 deep, itself being the first."""
    level = [value]
    for _ in range(127):
        level = [part for one in level if isinstance(one, (dict, list))
                 for part in (one.values() if isinstance(one, dict) else one)]
    return any(isinstance(one, (dict, list)) for one in level)


class Noted(dict):
    """Members, and which names stand twice among them."""

    def __init__(self, pairs):
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        self.doubles = {name for name in names if names.count(name) > 1} if len(self) < len(names) else set()

    def once(self, name):
        need(name not in self.doubles)
        return self[name]


def json_of(line):
    try:
        value = json.loads(line, object_pairs_hook=strict, parse_int=number_of_line, parse_float=number_of_line,
                           parse_constant=no_number)
        if line.count("[") + line.count("{") > 127:
            need(not is_deep(value))
        if "\\ud" in line.lower():
            # Half of a character is none.
            json.dumps(value, ensure_ascii=False).encode()
        return value
    except (ValueError, RecursionError):
        return None


class Check:
    def __init__(self, options):
        self.options, self.found = options, []
        self.things, self.ended, self.gone, self.latest, self.events = {}, {}, {}, {}, {}
        self.proven, self.erased, self.words_left_out, self.listed = None, 0, 0, {}
        self.shown, self.uncovered = None, None

    def add(self, code, *place):
        self.found.append((code, " ".join(str(part) for part in place)))

    def path(self, name):
        return os.path.join(self.options.folder, name)

    # Files.

    def read_manifest(self):
        try:
            with open(self.path("manifest.json"), "rb") as file:
                text = file.read(1024 * 1024 + 1)
            need(len(text) <= 1024 * 1024)
            manifest = json.loads(text.decode(), object_pairs_hook=Noted, parse_int=whole_number,
                                  parse_constant=no_number)
            need(isinstance(manifest, dict) and manifest.once("format") == "timeproof-export")
            need(type(manifest.once("version")) is int and manifest["version"] == 1)
            self.workspace = uuid_of(manifest.once("workspace_id"))
            need(self.workspace and isinstance(manifest.once("files"), list))
            need(not is_deep(manifest))
            # A name with half of a character is none.
            for name in [*manifest, *(name for file in manifest["files"] for name in file)]:
                name.encode()
            for file in manifest["files"]:
                need(isinstance(file, dict) and "rows" not in file.doubles)
                name, size, sha256 = (file.once(part) for part in ("name", "size_bytes", "sha256"))
                need(isinstance(name, str) and isinstance(sha256, str) and [name.encode(), sha256.encode()])
                need(all(type(count) is int and 0 <= count < 2**64 for count in (size, file.get("rows") or 0)))
                need(file.get("rows") is None or type(file["rows"]) is int)
                if not name or name[0] == "." or set(name) & set("/\\\0") or name in self.listed:
                    self.add("manifest", name)
                else:
                    self.listed[name] = file
            # Of a file that is named twice two programs may read two sums.
            for _, name in self.found:
                self.listed.pop(name, None)
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise NotUnderstood("this is not the folder of an export") from error

    def whole(self, name, is_read=True):
        """A file's bytes, if it is there; whether it is that of the manifest. Rows are those of a file that
        was read to its end."""
        listed = self.listed.pop(name, None)
        if listed is None or not os.path.isfile(self.path(name)):
            self.add("file.missing", name)
            return None
        with open(self.path(name), "rb") as file:
            data = file.read()
        is_table = is_read and name.endswith(".jsonl") and data[-1:] in (b"", b"\n")
        rows = listed.get("rows") if is_table else None
        if (len(data), hashlib.sha256(data).hexdigest()) != (listed["size_bytes"], listed["sha256"]):
            self.add("file.differs", name)
        elif rows is not None and rows != data.count(b"\n"):
            self.add("file.differs", name)
        return data

    def lines(self, name, code):
        data = self.whole(name)
        if not data:
            return
        lines = data.split(b"\n")
        last = lines.pop()
        for number, line in enumerate(lines, 1):
            try:
                text = line.decode()
            except UnicodeDecodeError:
                text = None
            if text is None or len(line) > MOST_LINE:
                self.add(code, name, number)
                return
            yield number, text
        if last:
            self.add(code, name, len(lines) + 1)

    # The log.

    def read_heads(self):
        own = text_of(self.whole("ledger-keys.txt"))
        own = own if own.endswith("\n") and len(own.encode()) <= MOST_KEYS else ""
        # Of witnesses those alone that were asked for: anybody writes a key under a witness's name.
        keys = [key for key in self.options.key if key["kind"] == 1]
        if not keys:
            keys = [key for key in keys_of(own) or [] if key["kind"] == 1]
            if not keys:
                self.add("key.unreadable", "ledger-keys.txt")
        keys += self.options.witness
        text = text_of(self.whole("checkpoint.txt"))
        self.head, self.kept = None, []
        try:
            self.head = head_of(text, keys, "head")
        except Bad as bad:
            self.add(bad.code, bad.what)
        for path in self.options.checkpoint:
            try:
                with open(path, "rb") as file:
                    kept = head_of(text_of(file.read(65537)), keys, "checkpoint")
                if self.head is None:
                    continue
                if kept["origin"] != self.head["origin"]:
                    raise Bad("checkpoint.origin", path)
                if not set(kept["keys"]) & set(self.head["keys"]):
                    raise Bad("checkpoint.unsigned", path)
                self.kept.append(kept)
            except OSError as error:
                raise NotUnderstood(f"{path} cannot be read") from error
            except Bad as bad:
                self.add(bad.code, path, bad.what)

    def read_receipt(self):
        """The head in the instance's log, where the export brings its receipt."""
        if "instance-receipt.txt" not in self.listed:
            return
        text = text_of(self.whole("instance-receipt.txt"))
        if self.head is None:
            return
        try:
            self.shown = in_instance(text, self.head, self.options.witness, uuid_text(self.workspace))
        except Bad as bad:
            self.add(bad.code, bad.what)

    def is_fresh(self, at):
        fresh, since = self.options.fresh, self.options.now * 1_000_000 - at
        return fresh is None or -300_000_000 <= since <= fresh * 1_000_000

    def ask_witnesses(self):
        direct, found = self.head["witnesses"], self.shown["witnesses"] if self.shown else {}
        for name in (key["name"] for key in self.options.witness):
            at = max(direct.get(name, -1), found.get(name, -1))
            if at < 0:
                self.add("witness.missing", name)
                continue
            if not self.is_fresh(at * 1_000_000) or (
                # Under a head that was cosigned today there are leaves of long ago as well.
                not (name in direct and self.is_fresh(direct[name] * 1_000_000))
                and not self.is_fresh(self.shown["at"])
            ):
                self.add("witness.stale", name)
            if name not in direct and self.uncovered is not None and self.uncovered < (at - 300) * 1_000_000:
                self.add("witness.behind", name)

    def read_log(self):
        """Whether the log could be read to its end."""
        heads = ([self.head] if self.head else []) + self.kept + ([self.shown] if self.shown else [])
        roots, sizes, tree = {}, {head["size"] for head in heads}, Tree()
        waiting, latest, seen = 0, None, set()
        roots[0] = tree.root()
        for number, line in self.lines("ledger.jsonl", "log.line"):
            row = json_of(line)
            data = self.leaf_of(row)
            if data is None or (waiting and not row.get("pending")):
                self.add("log.line", number)
                return False
            try:
                event = event_of(data)
            except (ValueError, UnicodeDecodeError) as error:
                self.add("log.leaf", number, error)
                return False
            if event["id"] in seen:
                self.add("log.twice", number)
                return False
            seen.add(event["id"])
            position = tree.size + waiting
            if row.get("pending"):
                waiting += 1
            else:
                tree.append(data)
                if tree.size in sizes:
                    roots[tree.size] = tree.root()
            if event["kind"] != "directory.act":
                if latest is not None and latest - event["at"] > 300_000_000:
                    self.add("time.back", "leaf", position)
                    latest = event["at"]
                latest = max(latest, event["at"]) if latest is not None else event["at"]
                if self.shown and position >= self.shown["size"]:
                    self.uncovered = min(event["at"], event["at"] if self.uncovered is None else self.uncovered)
            self.tell(position, event, row.get("words", []))
        if any(code == "log.line" for code, _ in self.found) or not self.has_log:
            return False
        for index, head in enumerate(heads):
            code = ("log.short", "log.root") if head is self.head else ("checkpoint.longer", "checkpoint.other")
            if head["size"] > tree.size:
                self.add(code[0], index)
            elif roots.get(head["size"], tree.root()) != head["root"]:
                self.add(code[1], index)
            else:
                self.proven = max(self.proven or 0, head["size"])
        self.proven = 2**64 if self.proven is None else self.proven
        return True

    @staticmethod
    def leaf_of(row):
        if not isinstance(row, dict) or set(row) - {"leaf", "words", "pending"}:
            return None
        if type(row.get("pending", False)) is not bool or not isinstance(row.get("leaf"), str):
            return None
        words = row.get("words", [])
        if not isinstance(words, list):
            return None
        for one in words:
            if not isinstance(one, dict) or set(one) != {"field", "side", "salt", "text"}:
                return None
            if one["side"] not in ("before", "after") or not all(isinstance(x, str) for x in one.values()):
                return None
        return unbase64(row["leaf"])

    def tell(self, position, event, words):
        try:
            changes = facts_of(event["facts"])
        except (ValueError, UnicodeDecodeError) as error:
            self.add("log.leaf", position, error)
            return
        texts = {}
        for one in words:
            side, salt = 1 if one["side"] == "before" else 2, unbase64(one["salt"]) or b""
            fits = [
                index
                for index, change in enumerate(changes)
                if change[0] == one["field"] and (index, side) not in texts and len(salt) == 32
                and change[side] == ("text", commit(salt, one["text"]), None)
            ]
            if not fits:
                self.add("words.differ", position, one["field"])
                continue
            texts[fits[0], side] = one["text"]
            if side == 2:
                field, before, after = changes[fits[0]]
                changes[fits[0]] = (field, before, ("text", after[1], salt))
        for index, change in enumerate(changes):
            for side in (1, 2):
                if change[side] is not None and change[side][0] == "text" and (index, side) not in texts:
                    self.words_left_out += 1
                    if words:
                        # The words of an event are sealed together: erased ones are gone as a whole.
                        self.add("words.differ", position, change[0])
        row = [
            {"field": field, "before": shown(before, texts.get((index, 1))), "after": shown(after, texts.get((index, 2)))}
            for index, (field, before, after) in enumerate(changes)
        ]
        self.events[event["id"]] = (position, event, row)
        table, act = KINDS.get(event["kind"], (None, None))
        if table is None or TABLES[table][0] != event["object_kind"]:
            return
        key = (table, event["object_id"])
        if table in PAIRS:
            # Of a field that stands twice the last counts.
            members = [change for change in changes if change[0] == "member"][-1:]
            ids = [side[1] for side in (members[0][2], members[0][1]) if side and side[0] == "id"] if members else []
            if not ids or (members[0][2] is not None and members[0][2][0] != "id"):
                return
            key += (ids[0],)
        if act == "ended":
            self.things.setdefault(key, {})
            self.ended[key] = self.gone[key] = self.latest[key] = position
            return
        if act == "made":
            if key in self.ended or self.went_with_another(key):
                self.ended.pop(key, None)
                self.things[key] = {}
            self.latest[key] = position
        thing = self.things.setdefault(key, {}) if act == "made" else self.things.get(key, {})
        known = {fact for _, _, fact, _ in columns_of(table) if fact} | ({"tags"} if table == "time_entries" else set())
        for fact, value in told_by(event, act, changes):
            if fact in known:
                self.things[key] = thing
                if fact not in FIRST or thing.get(fact, (0, None))[1] is None:
                    thing[fact] = (position, value)
                self.latest[key] = position

    def went_with_another(self, key):
        """Whether a pair's team or project was removed after the last that was told of the pair."""
        end = self.gone.get((PAIRS[key[0]][1], key[1]), -1) if key[0] in PAIRS else -1
        return self.latest.get(key, end) < end

    # Tables.

    def proves(self, key, *place):
        """Whether all that is told of a row is under a head, also what takes something away."""
        if self.latest.get(key, 0) >= self.proven:
            self.add("row.pending", *place)

    def compare(self):
        self.tagged, self.seen = {}, set()
        for table in TABLES:
            if table in NEWER and table + ".jsonl" not in self.listed and all(key[0] != table for key in self.things):
                continue
            for number, line in self.lines(table + ".jsonl", "row.line"):
                row = json_of(line)
                row = row if isinstance(row, dict) and len(row) <= MOST_COLUMNS else None
                first = PAIRS[table][0] if table in PAIRS else "id"
                ids = [uuid_of(row.get(first))] if isinstance(row, dict) else [None]
                if table in PAIRS and ids[0]:
                    ids.append(uuid_of(row.get("member_id")))
                if None in ids:
                    self.add("row.line", table, number)
                    continue
                self.row(table, number, row, (table, *ids))
        gone = [key for key in self.things if key not in self.seen and key not in self.ended]
        for key in gone:
            if not self.went_with_another(key):
                self.add("row.missing", key[0], uuid_text(key[1]))
        for key, position in self.ended.items():
            if position >= self.proven:
                self.add("row.pending", key[0], uuid_text(key[1]))
        self.compare_tags()
        self.compare_events()

    def row(self, table, number, row, key):
        place = (table, number, uuid_text(key[1]))
        if table == "workspace" and key[1] != self.workspace:
            self.add("row.differs", *place)
        if key not in self.things or key in self.ended or self.went_with_another(key):
            return self.add("row.unknown", *place)
        if key in self.seen:
            return self.add("row.twice", *place)
        self.seen.add(key)
        thing, agree = self.things[key], True
        for name, shape, fact, is_later in columns_of(table):
            told = thing.get(fact)
            if not fact or (is_later and told is None):
                continue
            if name not in row:
                self.add("row.differs", *place, name)
                agree = False
                continue
            verdict = agrees(row[name], shape, told and told[1])
            if verdict is False:
                self.add("row.differs", *place, name)
                agree = False
                continue
            self.erased += verdict is None
        if agree:
            self.proves(key, *place)
        told = thing.get("tags")
        if table == "time_entries" and told and told[1] is not None:
            self.tagged[key[1]] = told

    def compare_tags(self):
        groups = []
        for number, line in self.lines("entry_tags.jsonl", "row.line"):
            row = json_of(line)
            ids = [uuid_of(row.get(name)) for name in ("entry_id", "tag_id")] if isinstance(row, dict) else [None]
            if None in ids:
                self.add("row.line", "entry_tags", number)
            elif groups and groups[-1][0] == ids[0]:
                groups[-1][1].append(ids[1])
            else:
                groups.append((ids[0], [ids[1]]))
        for entry, tags in groups:
            told = self.tagged.pop(entry, None)
            if told is None:
                self.add("row.unknown", "entry_tags", uuid_text(entry))
            elif len(set(tags)) < len(tags) or told[1] != ("word", " ".join(sorted(uuid_text(tag) for tag in tags))):
                self.add("row.differs", "entry_tags", uuid_text(entry))
        for entry in self.tagged:
            self.add("row.missing", "entry_tags", uuid_text(entry))

    def compare_events(self):
        plain = ("actor_kind", "kind", "object_kind")
        ids = ("id", "actor_id", "object_id", "subject_id", "request_id")
        shown_ids = set()
        for number, line in self.lines("events.jsonl", "row.line"):
            row = json_of(line)
            if not self.is_event(row, plain, ids):
                self.add("row.line", "events", number)
                continue
            position, event, changes = self.events.get(uuid_of(row["id"]), (None, None, None))
            if event is None:
                self.add("row.unknown", "events", number)
                continue
            if event["id"] in shown_ids:
                self.add("row.twice", "events", number)
                continue
            shown_ids.add(event["id"])
            same = all(row[name] == event[name] for name in plain)
            same = same and all(uuid_of(row[name]) == event[name] for name in ids)
            if not same or instant_of(row["at"]) != event["at"] or row["changes"] != changes:
                self.add("row.differs", "events", number, "leaf", position)
        for position, event, _ in self.events.values():
            if event["id"] not in shown_ids:
                self.add("row.missing", "events", "leaf", position)

    @staticmethod
    def is_event(row, plain, ids):
        if not isinstance(row, dict) or set(row) != {*plain, *ids, "at", "changes"}:
            return False
        needed = ("id", "object_id", "request_id")
        if any(uuid_of(row[name]) is None and (name in needed or row[name] is not None) for name in ids):
            return False
        if not all(isinstance(row[name], str) for name in plain) or instant_of(row["at"]) is None:
            return False
        return isinstance(row["changes"], list) and all(
            isinstance(one, dict) and set(one) == {"field", "before", "after"}
            and isinstance(one["field"], str) and is_shown(one["before"]) and is_shown(one["after"])
            for one in row["changes"]
        )

    def run(self):
        self.read_manifest()
        self.read_heads()
        self.has_log = "ledger.jsonl" in self.listed and os.path.isfile(self.path("ledger.jsonl"))
        self.read_receipt()
        is_whole = self.read_log()
        if self.head:
            self.ask_witnesses()
        if is_whole:
            self.compare()
        for name in list(self.listed):
            self.whole(name, is_read=False)


def given(words, is_witness):
    keys = []
    for word in words:
        key = key_of(word)
        if key is None:
            try:
                # A carriage return alone ends no line.
                with open(word, "rb") as file:
                    text = file.read(MOST_KEYS + 1)
                need(len(text) <= MOST_KEYS)
                read = keys_of(text.decode())
            except (OSError, ValueError):
                read = None
            if read is None:
                raise NotUnderstood(f"{word} is not a key, and not a file of keys")
            keys += read
        else:
            keys.append(key)
    if words and not is_witness and all(key["kind"] != 1 for key in keys):
        raise NotUnderstood("--key is for the key of a log; give that of a witness with --witness")
    if is_witness:
        twice = len({key["public"] for key in keys}) < len(keys) or len({key["name"] for key in keys}) < len(keys)
        if twice or any(key["kind"] != 4 for key in keys):
            raise NotUnderstood("these are not the keys of different witnesses")
    return keys


def main():
    parser = argparse.ArgumentParser(description="Checks an export of Timeproof.")
    parser.add_argument("folder")
    for option in ("checkpoint", "key", "witness"):
        parser.add_argument("--" + option, action="append", default=[])
    parser.add_argument("--fresh", help="how old a cosignature may be, such as 1h")
    parser.add_argument("--now", type=int, default=int(time.time()), help="seconds since 1970, for tests")
    options = parser.parse_args()
    try:
        if options.fresh is not None:
            age = re.fullmatch("([0-9]{1,6})([smhd])", options.fresh)
            if age is None or not options.witness:
                raise NotUnderstood("--fresh is a number and s, m, h or d, and goes with --witness")
            options.fresh = int(age[1]) * {"s": 1, "m": 60, "h": 3_600, "d": 86_400}[age[2]]
        options.key, options.witness = given(options.key, False), given(options.witness, True)
        check = Check(options)
        check.run()
    except NotUnderstood as error:
        print(f"verify: {error}", file=sys.stderr)
        return 2
    check.found.sort(key=lambda finding: ORDER.index(finding[0]))
    codes = [code for code in ORDER if any(code == found for found, _ in check.found)]
    first = " ".join(check.found[0]) if check.found else None
    print(json.dumps({"valid": not codes, "codes": codes, "first": first, "erased": check.erased,
                      "words_left_out": check.words_left_out}))
    return 1 if codes else 0


if __name__ == "__main__":
    sys.exit(main())

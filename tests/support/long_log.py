"""A long log, without issuing so much: one certificate's event again and again, each time with another serial number."""

import hashlib
import json
import sqlite3
import uuid


def append_certificates(data, serial, count):
    """So many of them behind what is in log.db, by a writer that nobody else is; nothing may serve. Their serial numbers."""
    with sqlite3.connect(f"{data}/log.db") as database:
        events = [event for (event,) in database.execute("SELECT bytes FROM events ORDER BY offset")]
        offset, chain = database.execute("SELECT offset, chain FROM events ORDER BY offset DESC LIMIT 1").fetchone()
        (like,) = [event for event in map(json.loads, events) if event["schema"].startswith("certificate.issued/") and event["data"]["serial"] == serial]
        own_id, like["writer"] = like["id"], f"{uuid.uuid4()}/@sequence@"
        like.pop("once", None)
        line = json.dumps(like, separators=(",", ":"))
        serials = []
        for number in range(1, count + 1):
            other = f"{number * 0x9E3779B97F4A7C15 & 0x7FFFFFFFFFFFFFFF:016x}{number:016x}"  # scattered, as random ones are
            event = line.replace(serial, other).replace(own_id, str(uuid.UUID(int=number))).replace("@sequence@", str(number)).encode()
            chain = hashlib.sha256(chain + hashlib.sha256(event).digest()).digest()
            database.execute("INSERT INTO events(offset, bytes, chain) VALUES (?, ?, ?)", (offset + number, event, chain))
            serials.append(other)
    return serials

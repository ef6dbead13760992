#!/usr/bin/env python3
"""Judges a Quicklime data directory by its files alone: sqlite3 and openssl, no code of the product.

    check_log.py DATA [ANSWERS]

ANSWERS: a JSON list of what the CA answered: {"key": idempotency key or null, "serial": hex, "certificate": PEM}.

Prints each violation and exits 1, or a summary and exits 0.
"""

import base64
import collections
import hashlib
import json
import pathlib
import sqlite3
import subprocess
import sys
import tempfile


class Log:
    def __init__(self, data):
        with sqlite3.connect(f"file:{data}/log.db?mode=ro", uri=True) as database:
            self.check = [row[0] for row in database.execute("PRAGMA integrity_check")]
            self.id = database.execute("SELECT id FROM log").fetchone()[0]
            self.rows = database.execute("SELECT offset, bytes, chain FROM events ORDER BY offset").fetchall()
        self.events = [json.loads(row[1]) for row in self.rows]

    def of(self, kind):
        return [event for event in self.events if event["schema"].split("/")[0] == kind]


def repeated(values):
    return [value for value, count in collections.Counter(values).items() if count > 1]


def log_holds(log):
    """Offsets without gaps, hashes that chain, a first event that names the log, no event twice."""
    if log.check != ["ok"]:
        yield f"log.db is damaged: {log.check}"
    if [row[0] for row in log.rows] != list(range(len(log.rows))):
        yield "offsets have gaps"
    chain = bytes(32)
    for offset, event, stored in log.rows:
        chain = hashlib.sha256(chain + hashlib.sha256(event).digest()).digest()
        if chain != stored:
            yield f"the chain breaks at offset {offset}"
            break
    if not log.events or not log.events[0]["schema"].startswith("log.created/") or log.events[0]["data"]["log_id"] != log.id:
        yield "the first event does not create this log"
    for event_id in repeated(event["id"] for event in log.events):
        yield f"event {event_id} is there twice"
    for writer in repeated(event["writer"] for event in log.events):
        yield f"{writer} is there twice"


def authorities_hold(log):
    added = [event["data"]["authority"] for event in log.of("authority.added")]
    if added[:2] != ["root-1", "issuing-1"] or repeated(added):
        yield f"authorities are {added}"
    if not any(event["data"]["scope"] == "root-1" for event in log.of("crl.published")):
        yield "the root's CRL was never published"


def openssl(*arguments):
    return subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)


def pem(der):
    text = base64.b64encode(der).decode()
    return "-----BEGIN CERTIFICATE-----\n" + "\n".join(text[i:i + 64] for i in range(0, len(text), 64)) + "\n-----END CERTIFICATE-----\n"


def certificates_hold(log):
    """Every certificate in the log is what its event says, and signed by its authority."""
    serials = [event["data"]["serial"] for event in log.of("certificate.issued")]
    for serial in repeated(serials):
        yield f"serial {serial} was issued twice"
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for event in log.of("authority.added"):
            (folder / event["data"]["authority"]).write_text(pem(base64.b64decode(event["data"]["certificate"])))
        for event in log.of("certificate.issued"):
            data = event["data"]
            leaf = folder / "leaf"
            leaf.write_text(pem(base64.b64decode(data["certificate"])))
            said = openssl("x509", "-in", str(leaf), "-noout", "-serial").stdout.strip().lower()
            if said != "serial=" + data["serial"]:
                yield f"the event of {data['serial']} holds a certificate with {said}"
            verified = openssl("verify", "-no_check_time", "-partial_chain", "-trusted", str(folder / data["authority"]), str(leaf))
            if verified.returncode != 0:
                yield f"{data['serial']} is not signed by {data['authority']}: {verified.stderr.strip()}"


def answers_hold(log, answers):
    """What was answered is in the log exactly once, is the same for every answer of one command, and was not taken back."""
    issued = collections.defaultdict(list)
    for event in log.of("certificate.issued"):
        issued[event["data"]["serial"]].append(event)
    by_sweep = {event["data"]["serial"] for event in log.of("certificate.revoked") if event["data"].get("lost_to") or event["actor"]["kind"] == "process"}
    of_key = collections.defaultdict(set)
    for answer in answers:
        serial = answer["serial"]
        if len(issued[serial]) != 1:
            yield f"{serial} was answered and is in the log {len(issued[serial])} times"
            continue
        if pem(base64.b64decode(issued[serial][0]["data"]["certificate"])) not in answer["certificate"]:
            yield f"{serial} was answered with another certificate than the log has"
        if serial in by_sweep:
            yield f"{serial} was answered and then revoked by the sweep"
        if answer.get("key"):
            of_key[answer["key"]].add(serial)
    for key, serials in of_key.items():
        if len(serials) > 1:
            yield f"one command was answered with {sorted(serials)}"


def losers_are_revoked(log):
    """Of the certificates of one command, and of the successors of one certificate, all but the first are revoked by the sweep; so is
    a successor of what was revoked already. A successor that is revoked gives its place free. Give the sweep a moment before asking."""
    ever_revoked = {event["data"]["serial"] for event in log.of("certificate.revoked")}
    first, revoked = {}, set()
    for event in log.events:
        kind, data = event["schema"].split("/")[0], event["data"]
        if kind == "certificate.revoked":
            revoked.add(data["serial"])
            for once in [once for once, serial in first.items() if serial == data["serial"] and once.startswith("replaces:")]:
                del first[once]
        if kind != "certificate.issued" or not event.get("once"):
            continue
        serial = data["serial"]
        for once in event["once"]:
            if first.setdefault(once, serial) != serial and serial not in ever_revoked:
                yield f"{serial} lost {once} to {first[once]} and is not revoked"
        if data.get("replaces") in revoked and serial not in ever_revoked:
            yield f"{serial} replaces {data['replaces']}, which was revoked before, and is not revoked"


def main(data, answers_file=None):
    log = Log(data)
    answers = json.loads(pathlib.Path(answers_file).read_text()) if answers_file else []
    violations = [violation for check in (log_holds(log), authorities_hold(log), certificates_hold(log), answers_hold(log, answers),
                                          losers_are_revoked(log)) for violation in check]
    for violation in violations:
        print(violation)
    if not violations:
        print(f"{len(log.rows)} events, {len(log.of('certificate.issued'))} certificates, {len(answers)} answers: all hold")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

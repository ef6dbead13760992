#!/usr/bin/env python3
"""Judges a running cluster by its log, its OCSP answers and its CRLs: kcat, openssl and this file, no code of the product.

    check_cluster.py CLUSTER-DIRECTORY BASE-PORT [JOURNAL]

JOURNAL: JSON lines of what the cluster answered, as tests/soak/soak.py writes them:
    {"what": "issued" | "renewed", "serial", "position", "certificate_sha256", "key"?: Idempotency-Key, "replaces"?, "time"}
    {"what": "revoked", "serial", "position", "tries", "time"}
    {"what": "ocsp", "serial", "status", "time"}            in the order in which they were heard
    {"what": "crl", "replica", "number", "sha256", "time"}

Prints each violation and exits 1, or a summary and exits 0.
"""

import base64
import collections
import datetime
import hashlib
import json
import pathlib
import re
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request

from cluster_directory import port_of

SWEEP = 30  # seconds for the sweep, the CRL and every view to settle


def command(*words, check=True):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, words))}: {done.stdout}{done.stderr}")
    return done


def kind(event):
    return event["schema"].split("/")[0]


def repeated(values):
    return [value for value, count in collections.Counter(values).items() if count > 1]


class Cluster:
    """What a running cluster shows to whoever asks."""

    def __init__(self, directory, port):
        self.directory, self.port = pathlib.Path(directory), int(port)
        self.http = self.port + 80
        self.servers = (self.directory / "kafka/bootstrap").read_text().strip()
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="check-", dir=self.directory))
        (self.work / "roots.pem").write_bytes(self.fetch("/ca/roots.pem"))
        (self.work / "issuing.pem").write_bytes(self.fetch("/ca/issuing-1.pem"))
        self.as_gateway = ssl.create_default_context(cafile=self.work / "roots.pem")
        self.as_gateway.load_cert_chain(self.directory / "gateway/gateway.crt", self.directory / "gateway/gateway.key")

    def fetch(self, target):
        with urllib.request.urlopen(f"http://localhost:{self.http}{target}", timeout=10) as answer:
            return answer.read()

    def crl_of(self, replica):
        """DER, as this replica of crl serves it to the gateway."""
        url = f"https://localhost:{port_of(self.directory, f'crl-{replica}', 'https')}/crl/issuing-1.crl"
        with urllib.request.urlopen(url, context=self.as_gateway, timeout=10) as answer:
            return answer.read()

    def read_log(self):
        """[(offset, bytes)]; no event holds a newline."""
        text = subprocess.run(["kcat", "-C", "-q", "-b", self.servers, "-t", "quicklime", "-p", "0", "-o", "beginning", "-e", "-f", "%o %s\n"],
                              capture_output=True, check=True).stdout
        return [(int(line.split(b" ", 1)[0]), line.split(b" ", 1)[1]) for line in text.splitlines()]

    def ocsp(self, serials):
        """{serial: (status, time of the revocation, reason)}, asked through the gateway, 25 to a request."""
        found = {}
        for start in range(0, len(serials), 25):
            some = serials[start:start + 25]
            end = time.monotonic() + SWEEP
            while True:
                done = command("openssl", "ocsp", "-issuer", self.work / "issuing.pem", *(word for one in some for word in ("-serial", "0x" + one)),
                               "-url", f"http://localhost:{self.http}/ocsp", "-CAfile", self.work / "roots.pem", "-verify_other",
                               self.work / "issuing.pem", "-no_nonce", check=False)
                text = done.stdout + done.stderr
                if "trylater" not in text or time.monotonic() > end:  # no answer is none that could be wrong
                    break
                time.sleep(0.2)
            if "Response verify OK" not in text:
                raise RuntimeError(f"OCSP: {text}")
            for said in re.split(r"^0x(?=[0-9A-Fa-f]+: )", done.stdout, flags=re.MULTILINE)[1:]:
                serial, status = said.splitlines()[0].split(": ")
                revoked = re.search(r"Revocation Time: (.*)", said)
                reason = re.search(r"Reason: (.*)", said)
                found[serial.lower()] = (status, openssl_time(revoked[1]) if revoked else None, reason[1] if reason else None)
        return found


def openssl_time(text):
    return datetime.datetime.strptime(text.strip(), "%b %d %H:%M:%S %Y GMT")


# ---- the rules, once more, from the architecture alone

class Status:
    """Of one certificate. The first revocation wins; only keyCompromise changes its reason; hold and release."""

    def __init__(self):
        self.now, self.since, self.reason = "good", None, None

    def take(self, event):
        what = kind(event)
        if what == "certificate.revoked" and self.now != "revoked":
            self.now, self.since, self.reason = "revoked", event["time"], event["data"]["reason"]
        elif what == "certificate.revoked" and event["data"]["reason"] == "keyCompromise":
            self.reason = "keyCompromise"
        elif what == "certificate.held" and self.now == "good":
            self.now, self.since, self.reason = "held", event["time"], "certificateHold"
        elif what == "certificate.released" and self.now == "held":
            self.now, self.since, self.reason = "good", None, None

    def second(self):
        return datetime.datetime.fromisoformat(self.since.replace("Z", "+00:00")).replace(tzinfo=None, microsecond=0) if self.since else None


class Log:
    def __init__(self, rows):
        self.offsets = [offset for offset, _ in rows]
        self.events = []
        self.repeats = 0
        written = set()
        for offset, text in rows:
            event = json.loads(text)
            if event["writer"] in written:  # what a producer wrote twice counts once, the first time
                self.repeats += 1
                event = None
            else:
                written.add(event["writer"])
            self.events.append((offset, event))

    def of(self, *kinds):
        return [(offset, event) for offset, event in self.events if event and kind(event) in kinds]

    def changes(self):
        """Of certificates. What gives counts if its author was live there: a token from rules 2 on, a release from rules 3 on."""
        live, known, found = set(), set(), []
        for offset, event in self.of("token.created", "token.revoked", "certificate.issued", "certificate.revoked", "certificate.held",
                                     "certificate.released"):
            stands = event["actor"]["kind"] != "token" or event["actor"]["id"] in live
            if kind(event) == "token.created":
                token = event["data"]["token"]
                if token not in known and (stands or event.get("rules", 1) < 2):
                    live.add(token)
                known.add(token)
            elif kind(event) == "token.revoked":
                live.discard(event["data"]["token"])
            elif kind(event) != "certificate.released" or stands or event.get("rules", 1) < 3:
                found.append((offset, event))
        return found

    def statuses(self, until=None):
        """{serial: Status} of what issuing-1 issued, after the event at `until`."""
        found = {}
        for offset, event in self.changes():
            if until is not None and offset > until:
                break
            if event["data"]["authority"] != "issuing-1":
                continue
            if kind(event) == "certificate.issued":
                found.setdefault(event["data"]["serial"], Status())
            elif event["data"]["serial"] in found:
                found[event["data"]["serial"]].take(event)
        return found


# ---- what must hold

def log_holds(log):
    if log.offsets != list(range(len(log.offsets))):
        yield f"offsets are not 0 to {len(log.offsets) - 1}"
    if not log.events or kind(log.events[0][1]) != "log.created":
        yield "the first event does not create a log"
    for serial in repeated(event["data"]["serial"] for _, event in log.of("certificate.issued")):
        yield f"serial {serial} was issued twice"
    for identity in repeated(event["id"] for _, event in log.events if event):
        yield f"event {identity} is there twice under two sequence numbers"


def answers_hold(log, journal):
    """Each is in the log exactly once, at the place it was said to be, and was not taken back."""
    by_offset = {offset: event for offset, event in log.events if event}
    issued = collections.Counter(event["data"]["serial"] for _, event in log.of("certificate.issued"))
    revoked = collections.defaultdict(list)
    for offset, event in log.of("certificate.revoked"):
        revoked[event["data"]["serial"]].append((offset, event))
    of_key = collections.defaultdict(set)
    of_predecessor = collections.defaultdict(set)
    for line in journal:
        if line["what"] not in ("issued", "renewed", "revoked"):
            continue
        serial, offset = line["serial"], int(line["position"].split(".")[1])
        event = by_offset.get(offset)
        here = event is not None and event["data"].get("serial") == serial
        if line["what"] == "revoked":
            if not revoked[serial]:
                yield f"the revocation of {serial} was answered and is not in the log"
            elif line["tries"] == 1 and not (here and kind(event) == "certificate.revoked" and len(revoked[serial]) == 1):
                yield f"the revocation of {serial} was answered with {line['position']}; the log has it at {[at for at, _ in revoked[serial]]}"
            elif offset < revoked[serial][0][0]:
                yield f"the revocation of {serial} was answered with {line['position']}, before it happened at {revoked[serial][0][0]}"
            continue
        if issued[serial] != 1 or not (here and kind(event) == "certificate.issued"):
            yield f"{serial} was answered at {line['position']} and is in the log {issued[serial]} times, there: {here}"
            continue
        if hashlib.sha256(base64.b64decode(event["data"]["certificate"])).hexdigest() != line["certificate_sha256"]:
            yield f"{serial} was answered with another certificate than the log has"
        if event["data"].get("replaces") != line.get("replaces"):
            yield f"{serial} was answered as the successor of {line.get('replaces')}; the log says {event['data'].get('replaces')}"
        for _, revocation in revoked[serial]:
            if "lost_to" in revocation["data"] or revocation["actor"]["kind"] == "process":
                yield f"{serial} was answered, and revoked by the sweep"
        if line.get("key"):
            of_key[line["key"]].add(serial)
        if line.get("replaces"):
            of_predecessor[line["replaces"]].add(serial)
    for asked in (of_key, of_predecessor):
        for name, serials in asked.items():
            if len(serials) > 1:
                yield f"{name} was answered with {sorted(serials)}"


def first_wins(log):
    """Whoever was not first at what it wanted to be first at is revoked. A revoked successor makes room for the next."""
    ever_revoked = {event["data"]["serial"] for _, event in log.of("certificate.revoked")}
    first, claimed, revoked = {}, collections.defaultdict(list), set()
    for _, event in log.of("certificate.issued", "certificate.revoked"):
        serial = event["data"]["serial"]
        if kind(event) == "certificate.revoked":
            revoked.add(serial)
            for once in claimed.pop(serial, []):
                if once.startswith("replaces:"):
                    del first[once]
            continue
        claims = event.get("once", [])
        lost = [once for once in claims if once in first]
        late = event["data"].get("replaces") in revoked
        if lost and serial not in ever_revoked:
            yield f"{serial} lost {lost[0]} to {first[lost[0]]} and is not revoked"
        if late and serial not in ever_revoked:
            yield f"{serial} replaces {event['data']['replaces']}, which was revoked before, and is not revoked"
        if not lost and not late:
            for once in claims:
                first[once] = serial
                claimed[serial].append(once)


def one_successor(log, statuses):
    of = collections.defaultdict(list)
    for _, event in log.of("certificate.issued"):
        if event["data"].get("replaces") and statuses[event["data"]["serial"]].now != "revoked":
            of[event["data"]["replaces"]].append(event["data"]["serial"])
    for serial, successors in of.items():
        if len(successors) > 1:
            yield f"{serial} has the successors {successors}"


OPENSSL_KNOWS_NOT = {"privilegeWithdrawn": "(UNKNOWN)", "aACompromise": "(UNKNOWN)"}  # in an OCSP answer; the CRL's name is checked


def ocsp_agrees(cluster, statuses):
    said = cluster.ocsp(sorted(statuses))
    for serial, status in statuses.items():
        answer = said.get(serial)
        wanted = ("good", None, None)
        if status.now != "good":
            reason = {"unspecified": None, **OPENSSL_KNOWS_NOT}.get(status.reason, status.reason)
            wanted = ("revoked", status.second(), reason)
        if answer != wanted:
            yield f"OCSP says {answer} of {serial}; the log says {wanted}"


def parse_crl(cluster, der):
    path = cluster.work / f"{hashlib.sha256(der).hexdigest()[:16]}.crl"
    path.write_bytes(der)
    done = command("openssl", "crl", "-inform", "DER", "-in", path, "-noout", "-text", "-CAfile", cluster.work / "issuing.pem")
    if "verify OK" not in done.stdout + done.stderr:
        raise RuntimeError(f"the CRL's signature: {done.stderr}")
    number = int(re.search(r"X509v3 CRL Number: *\n *(\S+)", done.stdout)[1], 0)
    entries = {}
    for said in re.split(r"^ *Serial Number: ", done.stdout.split("Signature Algorithm", 2)[1], flags=re.MULTILINE)[1:]:
        reason = re.search(r"X509v3 CRL Reason Code: *\n *(.*)", said)
        entries[said.splitlines()[0].strip().lower()] = (openssl_time(re.search(r"Revocation Date: (.*)", said)[1]),
                                                          reason[1].strip() if reason else None)
    return number, entries


CRL_WORDS = {"keyCompromise": "Key Compromise", "cACompromise": "CA Compromise", "affiliationChanged": "Affiliation Changed",
             "superseded": "Superseded", "cessationOfOperation": "Cessation Of Operation", "certificateHold": "Certificate Hold",
             "privilegeWithdrawn": "Privilege Withdrawn", "aACompromise": "AA Compromise", "unspecified": None}


def crl_agrees(cluster, log, replicas=(1, 2)):
    """Both replicas serve the same bytes, and those say what the log says up to the CRL's number."""
    last_change = max((offset for offset, event in log.changes()
                       if kind(event) != "certificate.issued" and event["data"]["authority"] == "issuing-1"), default=0)
    end = time.monotonic() + SWEEP
    while True:
        crls = [cluster.crl_of(replica) for replica in replicas]
        number, entries = parse_crl(cluster, crls[0])
        if (number >= last_change and len(set(crls)) == 1) or time.monotonic() > end:
            break
        time.sleep(0.5)
    if number < last_change:
        yield f"the CRL {number} does not hold the change at {last_change}"
    if len(set(crls)) != 1:
        yield f"replicas serve different CRLs: {[parse_crl(cluster, crl)[0] for crl in crls]}"
    wanted = {serial: (status.second(), CRL_WORDS[status.reason]) for serial, status in log.statuses(number).items() if status.now != "good"}
    short = {serial.lstrip("0"): entry for serial, entry in entries.items()}
    for serial, entry in wanted.items():
        if short.pop(serial.lstrip("0"), None) != entry:
            yield f"the CRL {number} says {entries.get(serial)} of {serial}; the log says {entry}"
    for serial in short:
        yield f"the CRL {number} lists {serial}, which the log has not revoked by then"


def publications_hold(log):
    """The entries that each publication vouches for are those of the log: rendered here, octet by octet."""
    def der(tag, content):
        length = len(content)
        octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
        return bytes([tag]) + (bytes([length]) if length < 128 else bytes([0x80 + len(octets)]) + octets) + content

    codes = {"keyCompromise": 1, "cACompromise": 2, "affiliationChanged": 3, "superseded": 4, "cessationOfOperation": 5, "certificateHold": 6,
             "privilegeWithdrawn": 9, "aACompromise": 10}
    published = [event["data"] for _, event in log.of("crl.published") if event["data"]["scope"] == "issuing-1"]
    # All of them where they are few; else every so many, and always the last.
    for data in published[::-max(1, len(published) // 50)]:
        entries = b""
        statuses = log.statuses(int(data["number"]) & (2**64 - 1))
        for serial in sorted(statuses, key=lambda text: int(text, 16)):
            status = statuses[serial]
            if status.now == "good":
                continue
            number = int(serial, 16)
            entry = der(2, number.to_bytes(number.bit_length() // 8 + 1, "big")) + der(0x17, status.second().strftime("%y%m%d%H%M%SZ").encode())
            if status.reason in codes:
                entry += der(0x30, der(0x30, der(6, b"\x55\x1d\x15") + der(4, der(10, bytes([codes[status.reason]])))))
            entries += der(0x30, entry)
        if hashlib.sha256(entries).hexdigest() != data["entries_sha256"]:
            yield f"the CRL {data['number']} was signed with other entries than the log has"


def heard_in_order(journal):
    """Once revoked, or once known, for ever so; one CRL has one content, and no replica goes back."""
    revoked, known, crls, last = set(), set(), {}, {}
    for line in journal:
        if line["what"] == "ocsp":
            if line["status"] == "good" and line["serial"] in revoked:
                yield f"OCSP said good of {line['serial']} after it had said revoked"
            if line["status"] == "unknown" and line["serial"] in known:
                yield f"OCSP said unknown of {line['serial']}, which it had known"
            if line["status"] == "revoked":
                revoked.add(line["serial"])
            if line["status"] in ("revoked", "good"):
                known.add(line["serial"])
        elif line["what"] == "crl":
            if crls.setdefault(line["number"], line["sha256"]) != line["sha256"]:
                yield f"CRL {line['number']} was served with two contents"
            if line["number"] < last.get(line["replica"], 0):
                yield f"crl-{line['replica']} went back from CRL {last[line['replica']]} to {line['number']}"
            last[line["replica"]] = line["number"]


# ---- all of it

def settled_log(cluster):
    """The log, when the sweep has nothing left to do."""
    end = time.monotonic() + SWEEP
    while True:
        log = Log(cluster.read_log())
        if time.monotonic() > end or not any(True for _ in first_wins(log)):
            return log
        time.sleep(1)


def violations(cluster, journal):
    log = settled_log(cluster)
    statuses = log.statuses()
    found = [*log_holds(log), *answers_hold(log, journal), *first_wins(log), *one_successor(log, statuses), *ocsp_agrees(cluster, statuses),
             *crl_agrees(cluster, log), *publications_hold(log), *heard_in_order(journal)]
    heard = collections.Counter(line["what"] for line in journal)
    revoked = sum(status.now == "revoked" for status in statuses.values())
    lost = sum("lost_to" in event["data"] for _, event in log.of("certificate.revoked"))
    summary = (f"{len(log.offsets)} events ({log.repeats} twice), {len(statuses)} certificates, {revoked} revoked ({lost} by the sweep), "
               f"{len(log.of('crl.published'))} CRLs; heard: {dict(heard)}")
    return found, summary


def main(directory, port, journal_file=None):
    journal = [json.loads(line) for line in pathlib.Path(journal_file).read_text().splitlines()] if journal_file else []
    found, summary = violations(Cluster(directory, port), journal)
    for violation in found:
        print(violation)
    print(summary + (": all hold" if not found else f": {len(found)} violations"))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

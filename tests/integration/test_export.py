"""GET /v1/certificates/export: a large inventory, to clients that read slowly, out of a server that does not hold it."""

import copy
import csv
import hashlib
import io
import json
import socket
import sqlite3
import uuid

from running_ca import PATIENCE, log_events, schema, wait_until

ROWS = 20_000


def add_certificates(ca, count):
    """As if they had been issued: written behind the log's end, with the chain that readers check."""
    events = log_events(ca.data)
    template = next(event for _, event in events if schema(event) == "certificate.issued" and event["data"]["profile"] == "tls-server")
    incarnation, serials = str(uuid.uuid4()), []
    with sqlite3.connect(ca.data / "log.db") as database:
        offset, chain = database.execute("SELECT offset, chain FROM events ORDER BY offset DESC LIMIT 1").fetchone()
        for i in range(count):
            event = copy.deepcopy(template)
            serial = f"40{i:030x}"
            event.update(id=str(uuid.uuid4()), writer=f"{incarnation}/{i + 1}", subject=serial)
            event.pop("once", None)
            event.pop("body", None)
            event["data"].update(serial=serial, names=[f"DNS:host-{i}.internal"], key_sha256=hashlib.sha256(serial.encode()).hexdigest())
            stored = json.dumps(event, separators=(",", ":")).encode()
            chain = hashlib.sha256(chain + hashlib.sha256(stored).digest()).digest()
            database.execute("INSERT INTO events(offset, bytes, chain) VALUES (?, ?, ?)", (offset + 1 + i, stored, chain))
            serials.append(serial)
    return serials


def resident(ca):
    """KiB that the server holds."""
    with open(f"/proc/{ca.pid()}/status", encoding="utf-8") as status:
        (line,) = [line for line in status if line.startswith("VmRSS")]
    return int(line.split()[1])


def asking(ca, target):
    """A client that asks, and reads nothing yet."""
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(60 * PATIENCE)
    client.connect(str(ca.data / "control.sock"))
    client.sendall(f"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
    return client


def sent(ca):
    metrics = ca.plain("GET", "/metrics", port=ca.admin).body.decode()
    return float(next(line for line in metrics.splitlines() if line.startswith('quicklime_stream_bytes_total{role="dashboard_api"}')).split()[-1])


def body_of(client):
    """The chunks put together; fails when they do not end."""
    with client.makefile("rb") as answer:
        assert b" 200 " in answer.readline()
        while answer.readline() != b"\r\n":
            pass
        body = bytearray()
        while size := int(answer.readline(), 16):
            body += answer.read(size)
            assert answer.readline() == b"\r\n"
        return bytes(body)


def test_many_slow_clients_make_the_server_hold_nothing(ca):
    real = ca.issue("real.internal")
    ca.stop()
    serials = add_certificates(ca, ROWS)
    ca.start()
    assert ca.cli("log", "verify").returncode == 0
    whole = ca.request("GET", "/v1/certificates/export", timeout=120)
    assert whole.status == 200 and whole.headers["Content-Type"].startswith("text/csv")

    before = resident(ca)
    clients = [asking(ca, "/v1/certificates/export?format=ndjson") for _ in range(30)]
    wait_until(lambda: (now := sent(ca)) > 0 and now == sent(ca), within=60, what="the server to wait for its readers")
    held = resident(ca) - before
    assert held < 30 * 1024, f"{held} KiB for 30 clients, who will get {30 * 10} MB"
    ca.issue("meanwhile.internal")  # and nobody else waits
    assert ca.request("GET", "/v1/certificates?limit=1").status == 200

    rows = [json.loads(line) for line in body_of(clients[0]).splitlines()]
    found = {row["serial"] for row in rows}
    assert len(rows) == len(found), "none twice"
    assert found >= {*serials, real.serial}, "none left out"
    for client in clients:
        client.close()
    table = list(csv.DictReader(io.StringIO(whole.body.decode())))
    assert {row["serial"] for row in table} >= {*serials, real.serial}
    assert next(row for row in table if row["serial"] == serials[7])["names"] == "DNS:host-7.internal"
    assert sent(ca) < 40_000_000, "most of it was never made"

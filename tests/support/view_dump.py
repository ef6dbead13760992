"""What the views in Redis hold, read by no code of the product: to compare a view with the same view folded anew."""

import socket
import time

from cluster_directory import roles_in

PATIENCE = 30  # seconds until all views stand at one position


class Redis:
    """The few words of its protocol that are needed here."""

    def __init__(self, port, user, password):
        self.stream = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.file = self.stream.makefile("rb")
        self.ask("AUTH", user, password)

    def ask(self, *words):
        encoded = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        self.stream.sendall(b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded))
        answer = self.read()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def read(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("Redis hung up")
        mark, rest = line[:1], line[1:-2]
        if mark == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2]
        if mark == b"*":
            return [self.read() for _ in range(int(rest))]
        if mark == b"-":
            return RuntimeError(rest.decode())
        return int(rest) if mark == b":" else rest


def dump_view(redis, role):
    """(position, chain, {key: content}) of a view as it is read now, whatever its generation is called."""
    (meta_key,) = [key for key in redis.ask("KEYS", f"quicklime:{{{role.replace('-', '_')}:*:meta")]
    pairs = redis.ask("HGETALL", meta_key)
    meta = dict(zip(pairs[::2], pairs[1::2]))
    data = meta_key[:-len(b"meta")] + meta[b"generation"] + b":"
    content, cursor = {}, b"0"
    while True:
        cursor, keys = redis.ask("SCAN", cursor, "MATCH", data.replace(b"[", b"\\[") + b"*", "COUNT", "1000")
        for key in keys:
            name = key[len(data):]
            if name.startswith(b"p:"):
                pairs = redis.ask("HGETALL", key)
                content[name] = dict(zip(pairs[::2], pairs[1::2]))
            else:
                content[name] = redis.ask("ZRANGE", key, "0", "-1")
        if cursor == b"0":
            break
    return meta[b"position"], meta[b"chain"], meta[b"writers"], content


def dump_views(cluster):
    """{role: dump}; all at one position."""
    redis = Redis(cluster.port + 379, "operator", (cluster.directory / "passwords/operator").read_text().strip())
    end = time.monotonic() + PATIENCE
    while True:
        views = {role: dump_view(redis, role) for role in roles_in(cluster.directory)}
        if len({view[:2] for view in views.values()}) == 1 and views["crl"][0] == dump_view(redis, "crl")[0]:
            return views
        if time.monotonic() > end:
            raise RuntimeError(f"the views do not settle: { {role: view[0] for role, view in views.items()} }")
        time.sleep(0.3)


def views_differ(before, after):
    """`before` and `after`: dump_views before Redis was emptied, and after the projectors have folded it again."""
    for role, (position, chain, writers, content) in before.items():
        new_position, new_chain, new_writers, new_content = after[role]
        if (position, chain) != (new_position, new_chain):
            yield f"the view {role} stood at {position} and stands at {new_position}"
            continue
        if writers != new_writers:
            yield f"the view {role} remembers other writers"
        for key in sorted(set(content) | set(new_content)):
            if content.get(key) != new_content.get(key):
                yield f"the view {role}, folded anew, differs at {key}: {content.get(key)} and {new_content.get(key)}"
                break

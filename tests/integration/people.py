"""People at their desks, as the command line knows them.

    root = administrator(ca)
    alice = person(ca, root, "alice", "--role", "auditor")
    alice.who()["role"]
"""

import hashlib
import json

PASSWORD = "correct horse battery"


class Desk:
    """Where somebody sits: an own home, and a server in place of the data directory."""

    def __init__(self, ca, name):
        self.ca, self.home = ca, ca.base / name
        self.home.mkdir()
        self.roots = ca.roots()
        self.environment = {"XDG_CONFIG_HOME": str(self.home)}

    @property
    def session_file(self):
        return self.home / "quicklime/session"

    @property
    def secret(self):
        return json.loads(self.session_file.read_text())["text"]

    def file(self, text):
        path = self.home / f"{hashlib.sha256(text.encode()).hexdigest()[:8]}.txt"
        path.write_text(text + "\n")
        return path

    def words(self, *words):
        return [*words, "--server", f"https://127.0.0.1:{self.ca.https}", "--roots", self.roots]

    def run(self, *words, check=True, environment=None):
        done = self.ca.cli(*self.words(*words), check=check, environment={**self.environment, **(environment or {})})
        return done

    def ask(self, *words):
        return json.loads(self.run(*words, "-o", "json").stdout)

    def refused(self, *words, **more):
        """The problem, and the exit code."""
        done = self.run(*words, "-o", "json", check=False, **more)
        assert done.returncode != 0, done.stdout
        problem = json.loads(done.stderr.splitlines()[-1])
        return problem["reason"], done.returncode, problem["detail"]

    def login(self, user, password=PASSWORD):
        return self.ask("login", "--user", user, "--password-file", self.file(password))

    def login_by_url(self, url):
        return self.ask("login", "--one-time-file", self.file(url))

    def begin(self, user, url, password=PASSWORD):
        """A new user's first time: the URL, a password, and from then on the password."""
        self.login_by_url(url)
        self.ask("user", "password", "--password-file", self.file(password))
        return self.login(user, password)

    def who(self):
        return self.ask("whoami")


def administrator(ca, name="root"):
    """Signed in as whoever has the data directory lets in."""
    desk = Desk(ca, name)
    desk.login_by_url(ca.cli("login", "--url").stdout.strip())
    return desk


def person(ca, by, user, *grant):
    desk = Desk(ca, user)
    desk.begin(user, by.ask("user", "create", user, *grant)["one_time_url"])
    return desk

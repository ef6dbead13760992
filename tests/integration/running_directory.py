"""A real LDAP directory for tests, by scripts/slapd.sh; who is in it stands there.

    directory = RunningDirectory()
    directory.write_settings(ca, "acme")   # [ldap.acme] in its quicklime.toml: then ca.start()
    directory.leave("alice", "Operations")
    directory.hang()                       # it takes connections and says nothing; go_on(), stop(), start()
"""

import json
import os
import pathlib
import shutil
import signal
import tempfile

from running_ca import REPOSITORY, run

SCRIPT = REPOSITORY / "scripts/slapd.sh"


class RunningDirectory:
    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="ql-ldap-", dir="/tmp")) / "slapd"
        self.start()

    def start(self):
        run(SCRIPT, "start", self.path, timeout=300)

    def stop(self):
        run(SCRIPT, "stop", self.path)

    def hang(self):
        os.kill(self.pid(), signal.SIGSTOP)

    def go_on(self):
        os.kill(self.pid(), signal.SIGCONT)

    def remove(self):
        self.stop()
        shutil.rmtree(self.path.parent)

    def pid(self):
        return int(self.read("slapd.pid"))

    def read(self, name):
        return (self.path / name).read_text(encoding="utf-8").strip()

    def settings(self, **changed):
        """Of [ldap.NAME], by the service account; None takes one away."""
        settings = {
            "url": self.read("url"),
            "roots": str(self.path / "roots.pem"),
            "bind_dn": "cn=quicklime,dc=acme",
            "bind_password_file": str(self.path / "bind-password"),
            "user_base": "ou=people,dc=acme",
            "group_base": "ou=groups,dc=acme",
            **changed,
        }
        return {key: value for key, value in settings.items() if value is not None}

    def write_settings(self, ca, name="acme", **changed):
        lines = [f"{key} = {json.dumps(value)}" for key, value in self.settings(**changed).items()]
        with open(ca.data / "quicklime.toml", "a", encoding="utf-8") as file:
            file.write("\n".join(["", f"[ldap.{name}]", *lines, ""]))

    # ---- what changes in it

    def modify(self, ldif):
        run(SCRIPT, "modify", self.path, input=ldif)

    def add(self, name, *groups):
        """A person with the password NAME-password."""
        self.modify(
            f"dn: uid={name},ou=people,dc=acme\nobjectClass: inetOrgPerson\nuid: {name}\ncn: {name}\nsn: {name}\nuserPassword: {name}-password\n"
        )
        for group in groups:
            self.join(name, group)

    def join(self, name, group):
        self._member("add", name, group)

    def leave(self, name, group):
        self._member("delete", name, group)

    def _member(self, change, name, group):
        self.modify(f"dn: cn={group},ou=groups,dc=acme\nchangetype: modify\n{change}: member\nmember: uid={name},ou=people,dc=acme\n")

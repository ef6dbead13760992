"""scripts/slapd.sh: the directory that other tests ask is as strict as they say."""

import os
import re
import subprocess

from running_ca import run
from running_directory import SCRIPT


def search(directory, *arguments, url="url", roots="roots.pem", who="uid=alice,ou=people,dc=acme", password="alice-password"):
    """What OpenLDAP's own client is answered; it comes with slapd."""
    programs = re.search(r"^modulepath (.*)/usr/lib/ldap$", directory.read("slapd.conf"), re.MULTILINE).group(1)
    environment = {**os.environ, "LDAPTLS_CACERT": str(directory.path / roots), "LDAPTLS_REQCERT": "demand"}
    command = [f"{programs}/usr/bin/ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-x", "-H", directory.read(url), "-D", who, "-w", password, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)


def test_a_password_is_taken_over_tls_alone(directory):
    starttls = search(directory, "-ZZ", "-b", "ou=people,dc=acme", "(uid=alice)", "cn", "memberOf")
    assert "cn: Alice Adams" in starttls.stdout and "memberOf: cn=Operations,ou=groups,dc=acme" in starttls.stdout
    assert "cn: Alice Adams" in search(directory, "-b", "ou=people,dc=acme", "(uid=alice)", "cn", url="ldaps-url").stdout
    in_clear = search(directory, "-b", "ou=people,dc=acme", "(uid=alice)")
    assert in_clear.returncode == 13 and "confidentiality required" in in_clear.stderr  # RFC 4511: confidentialityRequired
    assert search(directory, "-b", "dc=acme", url="ldaps-url", roots="other-roots.pem").returncode != 0


def test_the_first_start_and_the_next_print_its_url_and_nothing_else(directory):
    again = run(SCRIPT, "start", directory.path)
    assert again.stdout == directory.read("url") + "\n" and re.fullmatch(r"ldap://127\.0\.0\.1:\d+\n", again.stdout)


def test_what_it_holds_is_there_after_a_stop(directory):
    directory.add("newcomer", "Operations")
    directory.stop()
    assert search(directory, "-ZZ", "-b", "dc=acme").returncode != 0
    directory.start()
    found = search(directory, "-ZZ", "-b", "ou=people,dc=acme", "(uid=newcomer)", "memberOf", who="uid=newcomer,ou=people,dc=acme", password="newcomer-password")
    assert "memberOf: cn=Operations" in found.stdout
    directory.leave("newcomer", "Operations")
    assert "memberOf" not in search(directory, "-ZZ", "-b", "ou=people,dc=acme", "(uid=newcomer)", "memberOf").stdout


def test_it_runs_from_the_cache(directory):
    assert "quicklime/slapd-" in os.readlink(f"/proc/{directory.pid()}/exe")

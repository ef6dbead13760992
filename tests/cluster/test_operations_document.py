"""The commands of docs/operations.md as they stand there, on one CA: it begins on one machine, moves up, is watched, backed up,
rebuilt, upgraded, rolled back, lost and restored."""

import datetime
import os
import re
import shutil
import subprocess
import textwrap
import threading
import urllib.request

import pytest
from running_ca import PATIENCE, REPOSITORY, RunningCA, entries_of_crl, openssl, run, wait_until
from running_cluster import PROGRAMS, ROLES, RunningCluster

PAGE = (REPOSITORY / "docs/operations.md").read_text(encoding="utf-8")


def section(title):
    return re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL).group(2)

"""What the directory of a running cluster says of its processes."""

import pathlib
import tomllib


def roles_in(directory):
    """Each has its projector's directory."""
    return sorted(home.name.removeprefix("projector-") for home in pathlib.Path(directory).glob("projector-*"))


def port_of(directory, home, listener):
    """Where the process of this directory listens: "https", "admin"."""
    settings = tomllib.loads((pathlib.Path(directory) / home / "quicklime.toml").read_text())
    return int(settings["listen"][listener].rsplit(":", 1)[1])

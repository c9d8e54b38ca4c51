"""Prints the control file of the Debian package: control.py PYPROJECT VERSION MAINTAINER KILOBYTES."""

from __future__ import annotations

import re
import sys
import textwrap
import tomllib
from pathlib import Path


def relations(requirement: str) -> list[str]:
    """Debian's words for a Python requirement.

    >>> relations("werkzeug>=3.1.3,<3.2")
    ['python3-werkzeug (>= 3.1.3)', 'python3-werkzeug (<< 3.2~)']
    """
    matched = re.fullmatch(r"([a-z0-9-]+)((?:[<>=]+[\d.]+,?)*)", requirement.replace(" ", ""))
    if matched is None:
        raise SystemExit(f"no Debian words for {requirement!r}: extend scripts/debian/control.py")
    found = []
    for sign, version in re.findall(r"([<>=]+)([\d.]+)", matched[2]):
        # ~ sorts before everything: 3.2~rc1 is not below 3.2, either.
        found.append({">=": f">= {version}", "<": f"<< {version}~"}[sign])
    return [f"python3-{matched[1]} ({bound})" for bound in found] or [f"python3-{matched[1]}"]


def main() -> None:
    pyproject, version, maintainer, kilobytes = sys.argv[1:]
    project = tomllib.loads(Path(pyproject).read_text())["project"]
    depends = ["python3:any (>= 3.11)", "systemd", "init-system-helpers (>= 1.52)"]
    depends += [relation for requirement in project["dependencies"] for relation in relations(requirement)]
    print(
        f"""\
Package: edgeweb
Version: {version}
Section: web
Priority: optional
Architecture: all
Maintainer: {maintainer}
Installed-Size: {kilobytes}
Depends: {", ".join(depends)}
Recommends: openssl, polkitd
Suggests: avahi-daemon, avahi-utils, python3-paho-mqtt (>= 2.1)
Description: web server of small boards, with a dashboard and JSON control
{textwrap.fill(project["description"], 80, initial_indent=" ", subsequent_indent=" ")}
 .
 It shows in the browser how the device is and switches what hangs on it, and
 serves the same to scripts as JSON. Programs written for Flask run on it."""
    )


if __name__ == "__main__":
    main()

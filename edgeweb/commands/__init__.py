"""edgeweb's own commands: `edgeweb serve`, `edgeweb build`, ... Each is a module with `main(argv)`.

They run on devices, so none of them imports click, and a module is imported when its command is chosen. The
command line of an application, with click, is `edgeweb.cli`.
"""

#: Command to its line in `edgeweb --help`. The module has the command's name, with `_` for `-`.
COMMANDS = {
    "as-flask": "Run programs that import flask.",
    "build": "Compile the templates for a device.",
    "doctor": "Show which flask a program gets, and why.",
    "footprint": "Show what the memory of a process goes to.",
    "profile": "Check and show the profile of a board.",
    "remote": "Look at and switch other devices.",
    "serve": "Serve on a device.",
    "state": "Back up and restore what was entered on a device.",
    "tls": "Make and check the certificate of a device.",
    "users": "Add users and tokens of a device, and set passwords.",
}

#: Command to the systems (`sys.platform`) that have what it needs; one that is not here runs everywhere.
SYSTEMS = {
    "footprint": ("linux",),
    "profile": ("linux", "darwin"),
    "serve": ("linux", "darwin"),
    "state": ("linux", "darwin"),
    "tls": ("linux", "darwin"),
    "users": ("linux", "darwin"),
}
_INSTEAD = {
    "serve": " Here, develop with 'edgeweb --app MODULE run', or serve with 'waitress-serve MODULE:APP'."
}


def hindrance(command: str, platform: str) -> str | None:
    """Return why a command cannot run on a system, with what to use in its place; None if it can."""
    systems = SYSTEMS.get(command, (platform,))
    if platform in systems:
        return None
    names = " or ".join({"linux": "Linux", "darwin": "macOS"}[name] for name in systems)
    return f"edgeweb {command} needs {names}.{_INSTEAD.get(command, '')}"


def module_of(command: str) -> str:
    """Return the name of a command's module."""
    return f"edgeweb.commands.{command.replace('-', '_')}"

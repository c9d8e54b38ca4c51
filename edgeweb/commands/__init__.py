"""edgeweb's own commands: `edgeweb serve`, `edgeweb build`, ... Each is a module with `main(argv)`.

They run on devices, so none of them imports click, and a module is imported when its command is chosen. The
command line of an application, with click, is `edgeweb.cli`.
"""

#: Command to its line in `edgeweb --help`. The module has the command's name.
COMMANDS = {
    "build": "Compile the templates for a device.",
    "footprint": "Show what the memory of a process goes to.",
    "profile": "Check and show the profile of a board.",
    "serve": "Serve on a device.",
    "state": "Back up and restore what was entered on a device.",
    "users": "Add users and tokens of a device, and set passwords.",
}

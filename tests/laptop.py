"""Takes away from this interpreter what another system lacks, then runs a program.

`python -P laptop.py SYSTEM FILE` or `python -P laptop.py SYSTEM -m MODULE`. Paths and files stay Linux's:
what it shows is which names are missed. Without -P, `tests/typing` and `tests/json` would hide Python's
modules.
"""

import importlib
import importlib.abc
import os
import runpy
import select
import signal
import socket
import sys
import sysconfig
import tempfile

#: What macOS lacks, and Windows as well.
NOT_MACOS = {
    os: "O_PATH O_TMPFILE sched_getaffinity sched_setaffinity posix_fadvise posix_fallocate getrandom pipe2"
    " memfd_create eventfd splice getxattr setxattr",
    select: "epoll POLLRDHUP EPOLLIN EPOLLOUT EPOLLERR EPOLLHUP EPOLLRDHUP EPOLLET EPOLLONESHOT",
    socket: "AF_NETLINK AF_PACKET AF_CAN AF_VSOCK SO_PEERCRED SO_BINDTODEVICE SOCK_CLOEXEC SOCK_NONBLOCK"
    " TCP_USER_TIMEOUT TCP_QUICKACK TCP_DEFER_ACCEPT SO_PRIORITY SO_MARK",
    signal: "SIGRTMIN SIGRTMAX SIGPWR SIGPOLL SIGSTKFLT",
}
NOT_WINDOWS = {
    os: "uname getuid geteuid getgid getegid getgroups setuid setgid fork forkpty wait3 wait4 fchmod fchown"
    " chown lchown chroot O_NOFOLLOW O_NONBLOCK O_CLOEXEC O_DIRECTORY O_SYNC O_DSYNC statvfs fstatvfs sysconf"
    " sysconf_names getloadavg mkfifo mknod killpg setsid getpgid setpgid nice getpriority posix_spawn"
    " posix_spawnp set_blocking get_blocking register_at_fork confstr getresuid pread pwrite preadv pwritev"
    " readv writev sendfile lockf fdatasync sync",
    select: "poll POLLIN POLLOUT POLLERR POLLHUP POLLNVAL POLLPRI",
    signal: "SIGHUP SIGUSR1 SIGUSR2 SIGKILL SIGQUIT SIGCHLD SIGALRM SIGPIPE SIGTSTP SIGWINCH setitimer alarm"
    " pause sigwait pthread_sigmask pthread_kill",
    socket: "AF_UNIX socketpair send_fds recv_fds CMSG_LEN SO_REUSEPORT",
}
LOADED_BEFORE = (
    "asyncio ctypes multiprocessing pathlib selectors shutil socketserver subprocess tempfile threading"
    " webbrowser psutil click werkzeug.serving"
)
MODULES = {
    "macos": {"spwd", "ossaudiodev"},
    "windows": {*("fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "syslog", "crypt", "readline")},
}
LACKING = {"macos": [NOT_MACOS], "windows": [NOT_MACOS, NOT_WINDOWS]}
PLATFORM = {"macos": "darwin", "windows": "win32"}


class Missing(importlib.abc.MetaPathFinder):
    """Finds no module of some."""

    def __init__(self, names: set[str]) -> None:
        self.names = names

    def find_spec(self, name: str, path: object, target: object = None) -> None:
        """Raise for a name of these."""
        if name in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def take_away(system: str) -> None:
    """Take it away, and change `sys.platform`; what the standard library has loaded before keeps its own."""
    # These choose by the platform when they are imported, and need what Linux has: loaded while it is there.
    for name in LOADED_BEFORE.split():
        importlib.import_module(name)
    sysconfig.get_config_vars()
    tempfile._O_TMPFILE_WORKS = False  # type: ignore[attr-defined]
    for table in LACKING[system]:
        for module, names in table.items():
            for name in names.split():
                if hasattr(module, name):
                    delattr(module, name)
    for name in MODULES[system]:
        sys.modules.pop(name, None)
    sys.meta_path.insert(0, Missing(MODULES[system]))
    sys.platform = PLATFORM[system]
    # systemd's: a container has it, and sets it for what runs there
    os.environ.pop("NOTIFY_SOCKET", None)


if __name__ == "__main__":
    _, system, *sys.argv = sys.argv
    sys.path.insert(0, os.getcwd())
    take_away(system)
    if sys.argv[0] == "-m":
        del sys.argv[0]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(sys.argv[0], run_name="__main__")

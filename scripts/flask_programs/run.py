"""One program: started on Flask and on edgeweb, used, and compared."""

from __future__ import annotations

import http.client
import shlex
import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from scripts.bench.bench import Fault
from scripts.bench.server import Memory, Server, free_port

from . import rules
from .client import Client, Missing, wait_until_ready
from .compare import Answer, differences, log_differences, log_lines, normalise
from .environment import APPLICATIONS, Venv, clean_environ
from .program import Program

#: One worker: what is measured is the program, not the number of its processes.
GUNICORN = "{bin}/gunicorn --workers 1 --threads 4 --bind 127.0.0.1:{port} {wsgi}"
EDGEWEB_SERVE = "{bin}/edgeweb serve {wsgi} --port {port} --no-security-headers {options}"

#: The two ways of serving that the memory table compares.
FLASK_SERVED, SERVED = "Flask with gunicorn", "edgeweb serve"


class Broken(Exception):
    """A program does not run on Flask as the table says: nothing can be compared."""


class Seen(NamedTuple):
    """One run: an answer for each request, the log, and the memory after all of them."""

    answers: list[Answer]
    log: str
    memory: Memory
    #: RSS of its largest process in KiB: of gunicorn, the worker.
    largest: int


class Result(NamedTuple):
    """What came of one program: lines to show for each difference, and RSS in KiB by way of serving."""

    name: str
    differences: dict[str, list[str]]
    rss: dict[str, int]
    largest: dict[str, int]
    pss: dict[str, int]


class Trial:
    """A program in its environment; `work` is its folder, kept between runs."""

    def __init__(self, program: Program, work: Path, environment: Venv) -> None:
        self.program = program
        self.home = work / "home"
        self.environment = environment
        # The same for every run: its digits are in answers.
        self.port = free_port()

    def see(self, subject: str, command: str) -> Seen:
        """Start the program on `flask` or `edgeweb` and make all requests. Raises `Broken`."""
        program = self.program
        self.environment.use(subject)
        self._make_home()
        environ = clean_environ() | {"HOME": str(self.home), "PATH": self._path()}
        environ |= {name: self._filled(value) for name, value in program.environ.items()}
        for line in program.prepare:
            self._run(line, environ)
        words = shlex.split(self._filled(command))
        said = ""
        try:
            with Server(words, self.port, program.patience, self.home, environ) as server:
                try:
                    wait_until_ready(self.port, program.ready, program.patience, server.must_run)
                    client = Client(self.port)
                    client.kept["home"] = str(self.home)
                    answers = [client.ask(request) for request in program.requests]
                    memory, largest = server.settled_memory(), server.largest()
                    server.stop()
                finally:
                    said = server.said()
            return Seen(answers, said, memory, largest)
        except (Fault, Missing, TimeoutError, OSError, http.client.HTTPException) as error:
            text = f"on {subject}: {type(error).__name__}: {error}\n{said[-1500:]}"
            raise Broken(text) from error

    def compare(self, one: Seen, other: Seen, more_rules: Sequence[str] = ()) -> dict[str, list[str]]:
        """Return the lines that differ, by request."""
        found: dict[str, list[str]] = {}
        triples = zip(self.program.requests, one.answers, other.answers, strict=True)
        for number, (request, first, second) in enumerate(triples, 1):
            names = (*self.program.differs, *request.differs, *more_rules)
            if lines := differences(normalise(first, names), normalise(second, names)):
                found[f"{number}. {request.method} {request.path}"] = lines
        return found

    def compare_logs(self, one: Seen, other: Seen) -> list[str]:
        """Return the lines that only one log has."""
        return log_differences(self._lines(one), self._lines(other))

    def check(self, seen: Seen) -> None:
        """Look whether the program does on Flask what the table says. Raises `Broken`."""
        wrong = []
        for request, answer in zip(self.program.requests, seen.answers, strict=True):
            what = f"{request.method} {request.path}"
            if answer.status != request.status:
                start = " ".join(answer.body[:200].decode(errors="replace").split())
                wrong.append(f"{what}: {answer.status}, not {request.status}: {start}")
            elif request.text.encode() not in answer.body:
                wrong.append(f"{what}: no {request.text!r} in it")
        if wrong:
            raise Broken("\n    ".join(["on Flask, not as in the table:", *wrong, seen.log[-1500:]]))

    def _lines(self, seen: Seen) -> Counter[str]:
        texts = {str(self.home): "<home>", f":{self.port}": ":<port>"}
        # How often it was asked whether it is ready is no part of the log.
        asked = f"GET {self.program.ready} HTTP/"
        log = "".join(line for line in seen.log.splitlines(keepends=True) if asked not in line)
        return log_lines(log, (*self.program.differs, *self.program.log_differs), texts)

    def _make_home(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)
        (self.home / "bin").mkdir(parents=True)
        for path in APPLICATIONS.glob(f"{self.program.name}_*.py"):
            shutil.copy(path, self.home)
        for name, content in self.program.files.items():
            path = self.home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self._filled(content))

    def _run(self, line: str, environ: dict[str, str]) -> None:
        done = subprocess.run(
            shlex.split(self._filled(line)),
            cwd=self.home,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Broken(f"{self.program.name}: {line}: {(done.stdout + done.stderr)[-1500:]}")

    def _path(self) -> str:
        return f"{self.home}/bin:{self.environment.bin}:{clean_environ().get('PATH', '')}"

    def _filled(self, text: str) -> str:
        program = self.program
        for name, value in {
            "wsgi": program.wsgi,
            "options": program.serve_options,
            "port": self.port,
            "home": self.home,
            "bin": self.environment.bin,
            "packages": self.environment.packages,
        }.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text


def run(program: Program, work: Path, environment: Venv, baseline: bool = False) -> Result:
    """Run a program on Flask and on edgeweb, as its users start it and, if it can be, by `edgeweb serve`.

    With `baseline` both are Flask: what differs then lacks a rule. Raises `Broken`.
    """
    trial = Trial(program, work, environment)
    other = "flask" if baseline else "edgeweb"
    flask = trial.see("flask", program.start)
    trial.check(flask)
    edgeweb = trial.see(other, program.start)
    found = trial.compare(flask, edgeweb)
    if lines := trial.compare_logs(flask, edgeweb):
        found["log"] = lines
    seen = {"flask": flask, other: edgeweb}
    if program.wsgi and not baseline:
        seen[FLASK_SERVED] = trial.see("flask", GUNICORN)
        served = seen[SERVED] = trial.see("edgeweb", EDGEWEB_SERVE)
        for request, lines in trial.compare(flask, served, rules.TWO_SERVERS).items():
            found[f"edgeweb serve: {request}"] = lines
    environment.use("flask")
    return Result(
        program.name,
        found,
        {way: run.memory.rss for way, run in seen.items()},
        {way: run.largest for way, run in seen.items()},
        {way: run.memory.pss for way, run in seen.items()},
    )

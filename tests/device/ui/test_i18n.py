from __future__ import annotations

import re
from pathlib import Path

import pytest

import edgeweb.device
from edgeweb import Flask
from edgeweb.device.http.problems import PROBLEMS
from edgeweb.device.ui.i18n import COOKIE, LANGUAGES, catalogue

from ..people import OWN, browser_of

UI = Path(edgeweb.device.__file__).parent / "ui"
TEMPLATES = sorted((UI / "templates" / "dashboard").iterdir())
SCRIPTS = [UI / "static" / name for name in ("dashboard.js", "history.js", "quantity.js")]


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_catalogues_have_the_same_keys(language: str) -> None:
    assert list(catalogue(language)) == list(catalogue("en"))


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_texts_have_the_same_places_for_values(language: str) -> None:
    for key, text in catalogue(language).items():
        places = [sorted(re.findall(r"\{\w+\}", one)) for one in (text, catalogue("en")[key])]
        assert set(places[0]) == set(places[1]), key
        assert text.strip(), key


def test_nothing_is_left_untranslated() -> None:
    same = {key: text for key, text in catalogue("fr").items() if text == catalogue("en")[key]}
    assert {key: text for key, text in same.items() if len(text) > 12} == {}, "sentences"


def test_every_kind_of_problem_has_a_text() -> None:
    assert {key.partition(".")[2] for key in catalogue("en") if key.startswith("problem.")} >= set(PROBLEMS)


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_templates_have_no_words_of_their_own(file: Path) -> None:
    """What people read comes from a catalogue: between tags there is nothing else."""
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<pre.*?</pre>", " ", file.read_text(), flags=re.S)
    words = re.findall(r"[A-Za-z]{2,}", re.sub(r"<[^>]*>", " ", text, flags=re.S))
    # names of things and of licences
    names = {"Python", "PSF", "uPlot", "MIT", "UTC", "data", "metric", "unit", "label"}
    assert set(words) <= names


@pytest.mark.parametrize("file", [*TEMPLATES, *SCRIPTS], ids=lambda file: file.name)
def test_every_key_that_is_used_is_there(file: Path) -> None:
    content, keys = file.read_text(), catalogue("en")
    called = r'\btext\("([\w.-]+)"' if file.suffix == ".js" else r'\bt\(["\']([\w.-]+)["\']\s*[,)]'
    prefix = "live." if file.suffix == ".js" else ""
    for key in re.findall(called, content):
        assert prefix + key in keys, key
    for start in re.findall(r'\bt\("([\w.-]+)"\s*~', content):
        assert [key for key in keys if key.startswith(start)], start


def test_the_browser_says_which_language(app: Flask) -> None:
    client = browser_of(app)
    for accepted, language in {
        "fr-CA,fr;q=0.9": "fr",
        "tlh, fr;q=0.5": "fr",
        "en-GB": "en",
        "tlh": "en",
    }.items():
        answer = client.get("/", headers={"Accept-Language": accepted})
        assert f'<html lang="{language}">' in answer.text, accepted
        assert answer.headers["Content-Language"] == language


def test_a_choice_wins_and_is_remembered(app: Flask) -> None:
    client = browser_of(app)
    (word,) = set(re.findall(r'name="csrf" value="([^"]+)"', client.get("/about").text))
    data = {"language": "fr", "back": "/about", "csrf": word}
    answer = client.post("/language", data=data, headers=OWN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/about")
    assert answer.headers["Set-Cookie"].startswith(f"{COOKIE}=fr;")
    assert '<html lang="fr">' in client.get("/about", headers={"Accept-Language": "en"}).text


@pytest.mark.parametrize(
    "back", ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nX: y"]
)
def test_a_choice_leads_nowhere_else(app: Flask, back: str) -> None:
    answer = app.test_client().post("/language", data={"language": "fr", "back": back}, headers=OWN)
    assert answer.headers["Location"] == "/"


def test_a_language_that_there_is_not(app: Flask) -> None:
    answer = app.test_client().post("/language", data={"language": "tlh"}, headers=OWN)
    assert answer.status_code == 422

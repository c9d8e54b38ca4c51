from __future__ import annotations

import re
from pathlib import Path

import pytest

import edgeweb.device
from edgeweb import Flask
from edgeweb.device.http.problems import PROBLEMS
from edgeweb.device.ui.format import clock, moment
from edgeweb.device.ui.i18n import COOKIE, DEFAULT, LANGUAGES, Words, catalogue, plural_of, values_in

from ..people import OWN, browser_of

UI = Path(edgeweb.device.__file__).parent / "ui"
TEMPLATES = sorted((UI / "templates" / "dashboard").iterdir())
SCRIPTS = [UI / "static" / name for name in ("dashboard.js", "history.js", "quantity.js")]


OTHERS = sorted(LANGUAGES.keys() - {DEFAULT})

#: CLDR's categories of numbers.
CATEGORIES = ("zero", "one", "two", "few", "many", "other")

#: Words of English sentences that the other languages do not have.
ENGLISH = set("the and is are were has have this that with without your you cannot not from until it".split())

#: Texts of one date and time, whose values a language puts in its own order, each of them or not.
ORDERED = "live.date."


def stem(key: str) -> str:
    """The key without the category of a number."""
    return re.sub(rf"\.({'|'.join(CATEGORIES)})$", "", key)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_catalogues_have_the_same_keys(language: str) -> None:
    keys = [list(dict.fromkeys(map(stem, catalogue(one)))) for one in (language, DEFAULT)]
    assert keys[0] == keys[1]


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_texts_have_the_same_places_for_values(language: str) -> None:
    for key, text in catalogue(language).items():
        assert text.strip() or key == "live.sign.colon", key
        if not key.startswith(ORDERED):
            same = catalogue(DEFAULT).get(key) or catalogue(DEFAULT)[f"{stem(key)}.other"]
            places = [set(re.findall(r"\{\w+\}", one)) for one in (text, same)]
            assert places[0] == places[1], key


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_form_of_a_number_is_there(language: str) -> None:
    categories = {plural_of(language)(count) for count in range(1000)}
    assert categories <= set(CATEGORIES)
    found: dict[str, set[str]] = {}
    for key in catalogue(language):
        if stem(key) != key:
            found.setdefault(stem(key), set()).add(key.rpartition(".")[2])
    assert found
    assert {key: forms for key, forms in found.items() if forms != categories} == {}


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_untranslated(language: str) -> None:
    texts = catalogue(language)
    same = {key: text for key, text in texts.items() if text == catalogue(DEFAULT).get(key)}
    assert {key for key, text in same.items() if len(text) > 12 and "{" not in text} == set(), "sentences"
    for key, text in texts.items():
        # without placeholders, paths, and keys of the profile with their values
        plain = re.sub(r"\{\w+\}|\S*[/_]\S*|\w+\.\w+|= \w+", " ", text.lower())
        assert not ENGLISH & set(re.findall(r"[a-z]+", plain)), key


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_dates_have_their_names(language: str) -> None:
    texts = catalogue(language)
    assert len(texts["live.date.months"].split(" ")) == 12
    assert len(texts["live.date.halves"].split(" ")) == 2
    assert texts["direction"] in ("ltr", "rtl")


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_signs_of_a_language_are_used_throughout(language: str) -> None:
    """No line breaks before a sign of French, and quotes are those of the language."""
    for key, text in catalogue(language).items():
        assert not re.search(r"(?<! ) [;?!%»]|« |(?<=\w) : ", text) or language != "fr", key
        assert not re.search(r"\w[;?!:%](?:\s|$)", text) or language != "fr", key
        assert not re.search(r"[\"'»«]", text) or language != "de", key


def test_a_number_chooses_the_form() -> None:
    assert Words("en")("factor.left", count=1) == "1 recovery code is left."
    assert Words("en")("factor.left", count=0) == "0 recovery codes are left."
    assert Words("fr")("factor.left", count=0) == "Il reste 0 code de secours."
    assert Words("de")("factor.left", count=2) == "Noch 2 Wiederherstellungscodes sind übrig."


@pytest.mark.parametrize(
    ("text", "pattern", "values"),
    [
        ("led ACT is gone", "{} is gone", ["led ACT"]),
        ("led ACT is on", "{} is gone", None),
        (" is gone", "{} is gone", None),
        ("gone", "gone", []),
        ("gone again", "gone", None),
        ("pin 4 of gpiochip0 is taken", "pin {} of {} is taken", ["4", "gpiochip0"]),
        ("pin 4 at gpiochip0 is taken", "pin {} of {} is taken", None),
        ("pin  of gpiochip0 is taken", "pin {} of {} is taken", None),
        ("pin 4 of  is taken", "pin {} of {} is taken", None),
        ("a pin 4 of b is taken", "pin {} of {} is taken", None),
        ("no such file: x", "no such file: {}", ["x"]),
    ],
)
def test_values_of_a_reason(text: str, pattern: str, values: list[str] | None) -> None:
    assert values_in(text, pattern) == values


def test_values_in_a_text_and_the_texts_of_the_script() -> None:
    words = Words("en")
    assert words("live.offline", reason="no wire") == "offline: no wire"
    assert "live.offline" in words and "live.none" not in words
    assert Words("de").reason("") == ""
    found = words.live()
    assert found["offline"] == words("live.offline", reason="{reason}")
    assert {key for key in found if key.startswith(("day.", "sensor."))} == {
        key for key in catalogue("en") if key.startswith(("day.", "sensor."))
    }
    assert not any(key.startswith(("live.", "settings.")) for key in found)


POLISH = """
from edgeweb.device.http.on_demand import on_demand

NAME = "Polski"


@on_demand
def plural():
    def few(count):
        return count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14)

    return lambda count: "one" if count == 1 else "few" if few(count) else "many"


@on_demand
def texts():
    return {
        "direction": "rtl",
        "codes.one": "{count} kod",
        "codes.few": "{count} kody",
        "codes.many": "{count} kodów",
        "live.date.months": "I II III IV V VI VII VIII IX X XI XII",
        "live.date.halves": "rano wieczorem",
        "live.date.minute": "{hour12}:{minute} {half}",
        "live.date.second": "{hour12}:{minute}:{second} {half}",
        "live.date.year": "{year}-{month}-{day}",
        "live.date.moment": "{time} {date}",
    }
"""


def test_a_language_brings_its_rules_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three categories, twelve hours and another order: nothing of that is in the code."""
    from edgeweb.device.ui import i18n

    (tmp_path / "pl.py").write_text(POLISH)
    monkeypatch.setattr(i18n, "__path__", [*i18n.__path__, str(tmp_path)])
    words = Words("pl")
    assert words.reason("there is no /dev/x") == "there is no /dev/x", "the English one, where it has none"
    counts = {1: "1 kod", 3: "3 kody", 5: "5 kodów", 13: "13 kodów", 22: "22 kody", 0: "0 kodów"}
    assert {count: words("codes", count=count) for count in counts} == counts
    assert [clock(time, words) for time in ("00:05", "11:59", "12:00", "23:05")] == [
        "12:05 rano",
        "11:59 rano",
        "12:00 wieczorem",
        "11:05 wieczorem",
    ]
    assert moment("2026-11-07T18:05:09.250Z", words) == "6:05:09 wieczorem 2026-XI-7 UTC"


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
        assert {prefix + key, f"{prefix}{key}.other"} & keys.keys(), key
    for start in re.findall(r'\bt\("([\w.-]+)"\s*~', content):
        assert [key for key in keys if key.startswith(start)], start


def test_the_browser_says_which_language(app: Flask) -> None:
    client = browser_of(app)
    for accepted, language in {
        "fr-CA,fr;q=0.9": "fr",
        "tlh, fr;q=0.5": "fr",
        "en-GB": "en",
        "de-AT": "de",
        "tlh": "en",
    }.items():
        answer = client.get("/", headers={"Accept-Language": accepted})
        assert f'<html lang="{language}" dir="ltr">' in answer.text, accepted
        assert answer.headers["Content-Language"] == language


def test_a_choice_wins_and_is_remembered(app: Flask) -> None:
    client = browser_of(app)
    (word,) = set(re.findall(r'name="csrf" value="([^"]+)"', client.get("/about").text))
    data = {"language": "fr", "back": "/about", "csrf": word}
    answer = client.post("/language", data=data, headers=OWN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/about")
    assert answer.headers["Set-Cookie"].startswith(f"{COOKIE}=fr;")
    assert '<html lang="fr" dir="ltr">' in client.get("/about", headers={"Accept-Language": "en"}).text


@pytest.mark.parametrize(
    "back", ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nX: y"]
)
def test_a_choice_leads_nowhere_else(app: Flask, back: str) -> None:
    answer = app.test_client().post("/language", data={"language": "fr", "back": back}, headers=OWN)
    assert answer.headers["Location"] == "/"


def test_a_language_that_there_is_not(app: Flask) -> None:
    answer = app.test_client().post("/language", data={"language": "tlh"}, headers=OWN)
    assert answer.status_code == 422

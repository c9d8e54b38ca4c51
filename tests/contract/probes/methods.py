"""Methods of the application that are wrapped: on its class, a subclass, an instance."""

from __future__ import annotations

import typing as t
from unittest import mock

from .probe import TRACED, counting, counts, make_app, probe, served


@probe
def methods_wrapped_on_the_class_of_a_living_application(flask: t.Any) -> t.Any:
    answers, living = {}, served(make_app(flask))
    for names in (TRACED, *((name,) for name in TRACED)):
        seen: dict[str, int] = {}
        with mock.patch.multiple(flask.Flask, **counting(flask.Flask, names, seen)):
            answers[str(names)] = [counts(living, seen), counts(make_app(flask), seen)]
        answers[f"{names} unwrapped"] = counts(living, seen)
    return answers


@probe
def methods_wrapped_on_a_subclass_of_a_living_application(flask: t.Any) -> t.Any:
    class Own(flask.Flask):
        pass

    answers, living, seen = [], served(make_app(flask, Own)), {}
    for name in TRACED:
        with mock.patch.multiple(Own, **counting(Own, [name], seen)):
            answers.append(counts(living, seen))
        answers.append(counts(living, seen))
    return answers


@probe
def methods_wrapped_on_an_instance(flask: t.Any) -> t.Any:
    answers, living, seen = [], served(make_app(flask)), {}
    for name, wrapper in counting(flask.Flask, TRACED, seen).items():
        setattr(living, name, wrapper.__get__(living))
        answers.append(counts(living, seen))
        delattr(living, name)
        answers.append(counts(living, seen))
    return answers


@probe
def teardown_wrapped_around_a_context(flask: t.Any) -> t.Any:
    answers, app, seen = [], served(make_app(flask)), {}
    for make in (app.app_context, app.test_request_context):
        with mock.patch.multiple(flask.Flask, **counting(flask.Flask, TRACED, seen)), make():
            pass
        with make():
            patch = mock.patch.multiple(flask.Flask, **counting(flask.Flask, TRACED, seen))
            patch.start()
        patch.stop()
        answers.append(dict(seen))
        seen.clear()
    return answers

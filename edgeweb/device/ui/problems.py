"""What went wrong, in the language of a page."""

from __future__ import annotations

from ..http.problems import PROBLEMS, Problem
from .i18n import Words

#: Kinds whose detail is the system's own text, and is shown in any language.
_WITH_DETAIL = frozenset({"system-refused", "channel-offline", "invalid-fields", "conflict", "forbidden"})


class PageProblem(Problem):
    """An error whose text is in the language of the page already."""


def explained(problem: Problem, words: Words) -> str:
    """Return what went wrong, in the language of the page.

    Details of the JSON interface are in English. Where a language has no text for one, its kind is explained
    instead, with the detail behind it where that is the system's own text.
    """
    detail = problem.description or ""
    if isinstance(problem, PageProblem):
        return detail
    is_general = detail == PROBLEMS[problem.key][2]
    if words.language == "en" and detail and not is_general:
        return detail
    if (translated := words.reason(detail)) != detail:
        return translated
    text = words(f"problem.{problem.key}")
    return f"{text} ({detail})" if problem.key in _WITH_DETAIL and not is_general else text

"""The way through a form of many pages: one question a page, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from flask_babel import LazyString

from cert_portal.web.forms.report import StepForm


@dataclass(eq=False)
class Step:
    """One page. `reserves`: once it is answered the report has a number. Its place is given by `way`."""

    slug: str
    title: LazyString
    form: type[StepForm]
    reserves: bool = False
    place: int = field(default=0, init=False)
    before: Step | None = field(default=None, init=False, repr=False)
    after: Step | None = field(default=None, init=False, repr=False)

    @property
    def key(self) -> str:
        """Under which the draft keeps what was typed here, valid or not."""
        return f"{self.slug}_form"


def way(*steps: Step) -> tuple[Step, ...]:
    """Put pages in order: places are counted from 1, and each knows the one before it and the one after."""
    for place, step in enumerate(steps, start=1):
        step.place = place
    for one, other in pairwise(steps):
        one.after, other.before = other, one
    return steps


def find(steps: tuple[Step, ...], slug: str) -> Step | None:
    """The page of that address."""
    return next((step for step in steps if step.slug == slug), None)

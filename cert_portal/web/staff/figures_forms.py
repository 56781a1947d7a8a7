"""Forms of the annual report."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import Form

from cert_portal.governance.annual import CHAPTERS
from cert_portal.web.figures import words
from cert_portal.web.forms.fields import Text
from cert_portal.web.staff.forms import Pick, asked


class WordsForm(Form):
    """The words of a chapter, in both languages; either may be empty."""

    en = Text()
    zh_hant = Text()


class CommentForm(Form):
    """What somebody says about a chapter."""

    chapter = Pick({code: words.CHAPTERS[code] for code in CHAPTERS}, asked(_l("Choose a chapter")))
    text = Text(limit=4000)

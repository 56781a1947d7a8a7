"""The form to print, fill in by hand and fax: with a number of its own, so that it can be asked for by telephone."""

from __future__ import annotations

import segno
from flask import g, make_response, render_template
from werkzeug.wrappers import Response

from cert_portal.core.db import session
from cert_portal.core.numbers import NumberKind, issue
from cert_portal.core.pdf import to_pdf
from cert_portal.guidance import kinds
from cert_portal.intake import paper, status
from cert_portal.web.limits import asking_for_mail
from cert_portal.web.public.blueprint import public


@public.get("/report/form")
def paper_form() -> str:
    """How to report by fax, and the button that makes a form."""
    return render_template("public/report/paper.html")


@public.post("/report/form.pdf")
@asking_for_mail
def paper_form_pdf() -> Response:
    """A form with a number that is reserved for it."""
    number = issue(NumberKind.REPORT)
    session.commit()
    answer = make_response(to_pdf(_page(number)))
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{number}.pdf"'
    return answer


def _page(number: str) -> str:
    made = {page: segno.make(paper.code(number, page, g.language), error="q") for page in (1, 2)}
    codes = {page: each.svg_inline(border=0, omitsize=True) for page, each in made.items()}
    return render_template(
        "public/report/paper_form.html",
        number=number,
        secret=status.secret_of(number),
        codes=codes,
        code=paper.CODE,
        fields=paper.FIELDS,
        ticks=paper.TICKS,
        kinds={kind.code: kind.name(g.language) for kind in kinds.load()},
    )

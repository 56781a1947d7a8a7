"""A case and those that were merged into it, directly or by way of another; who holds the case may see them too."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, BigInteger, Select, delete, literal, select
from sqlalchemy.orm import aliased

from cert_portal.cases.models import Case, CaseAccess, CaseMerge
from cert_portal.cases.workflow import State
from cert_portal.core import numbers
from cert_portal.core.db import session


def hold(*cases: Case) -> None:
    """Read the rows again and hold them, always in one order, so that of two acts at once each waits for the other."""
    session.flush()
    rows = select(Case).where(Case.id.in_([each.id for each in cases])).order_by(Case.id)
    session.scalars(rows.with_for_update().execution_options(populate_existing=True)).all()


def ids(case: Case) -> Select[Any]:
    """Ids of the case and of all that went into it, as a statement."""
    tree = select(literal(case.id, BigInteger()).label("id")).cte(recursive=True)
    row = aliased(CaseMerge)
    tree = tree.union_all(select(row.case_id).join(tree, row.into_id == tree.c.id).where(row.undone_at.is_(None)))
    return select(tree.c.id)


def ways(begun: Select[int, int]) -> CTE:
    """Of few rows with the id of a case (columns `id` and `case_id`): each with its case and with all into which that
    was merged. The one of these that is not merged is the case in which the work goes on.
    """
    way = begun.cte("ways", recursive=True)
    row = aliased(CaseMerge)
    further = select(way.c.id, row.into_id).join(row, row.case_id == way.c.case_id).where(row.undone_at.is_(None))
    return way.union_all(further)


def merged_into(case: Case) -> list[Case]:
    """The cases that went into this one, oldest first."""
    rows = select(Case).where(Case.id.in_(ids(case)), Case.id != case.id)
    return list(session.scalars(rows.order_by(Case.id)))


def merge_of(case: Case) -> CaseMerge | None:
    """How a case went into another one; None when it stands for itself."""
    rows = select(CaseMerge).where(CaseMerge.case_id == case.id, CaseMerge.undone_at.is_(None))
    return session.scalars(rows).first()


def blocks(merge: CaseMerge) -> Case | None:
    """The case that must come out first, when that which took another in was merged itself later; else None."""
    into = session.get_one(Case, merge.into_id)
    return into if into.state == State.MERGED else None


def standing(case: Case) -> Case:
    """The case in which the work on this one goes on: itself unless it was merged."""
    found = numbers.resolve(case.number)
    return session.get_one(Case, found[1]) if found else case


def people(case: Case) -> set[int]:
    """Ids of the people named on a restricted case; nobody for one that is open to all."""
    rows = select(CaseAccess.user_id).where(CaseAccess.case_id == case.id)
    return set(session.scalars(rows)) if case.restricted else set()


def keep_as_close(case: Case) -> None:
    """Whoever may see a case may see what went into it, and nobody else."""
    session.flush()
    rows = list(session.scalars(select(CaseAccess).where(CaseAccess.case_id == case.id)))
    for each in merged_into(case):
        each.restricted = case.restricted
        session.execute(delete(CaseAccess).where(CaseAccess.case_id == each.id))
        session.add_all(CaseAccess(case_id=each.id, user_id=row.user_id, reason=row.reason) for row in rows)
    session.flush()

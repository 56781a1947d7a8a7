"""How far what leaves a case may travel: no wider than its reports and findings were marked, nor than a restriction."""

from __future__ import annotations

from cert_portal.cases.models import Case
from cert_portal.cases.sightings import all_findings_of
from cert_portal.cases.visible import reports_of
from cert_portal.core.tlp import TLP
from cert_portal.directory.models import User


def labels(case: Case, user: User, widest: TLP = TLP.AMBER) -> list[TLP]:
    """The labels that what is taken out of a case may bear, the widest first.

    No wider than `widest`, than its reports and findings were marked, than a restriction, or than a case that was
    marked narrower than others.
    """
    order = list(TLP)
    told = {str(each.details.get("restriction") or "") for each in reports_of(case, user)}
    told |= {each.restriction for each in all_findings_of(case, user)}
    told |= {case.tlp} & {TLP.RED, TLP.AMBER_STRICT}
    bounds = [widest, *(each for each in order if each.value in told)]
    if case.restricted:
        bounds.append(TLP.AMBER_STRICT)
    narrowest = min(order.index(each) for each in bounds)
    return order[narrowest::-1]

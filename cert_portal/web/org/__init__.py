"""The face of member organisations: people who sign in report for their own organisation and see nothing else."""

from cert_portal.web.org import check, evidence, home, later, question, sent
from cert_portal.web.org.gate import org

__all__ = ["check", "evidence", "home", "later", "org", "question", "sent"]

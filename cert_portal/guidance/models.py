"""The table of the guidance stage: words that the centre itself chose, above those that are shipped."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from cert_portal.core.db import Base


class DeskWord(Base):
    """How one code of a list is called here, where it stands, and whether it is still offered.

    The code itself stays: figures and old rows rest on it. An empty name means the shipped word.
    """

    __tablename__ = "desk_words"

    shelf: Mapped[str] = mapped_column(String(8), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name_en: Mapped[str] = mapped_column(String(80), default="")
    name_zh_hant: Mapped[str] = mapped_column(String(80), default="")
    position: Mapped[int | None]
    retired: Mapped[bool] = mapped_column(default=False)

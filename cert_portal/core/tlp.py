"""Traffic Light Protocol 2.0 (FIRST): the labels are never translated."""

from __future__ import annotations

from enum import StrEnum


class TLP(StrEnum):
    """How far something may travel; the value is the label as it must be printed."""

    RED = "TLP:RED"
    AMBER_STRICT = "TLP:AMBER+STRICT"
    AMBER = "TLP:AMBER"
    GREEN = "TLP:GREEN"
    CLEAR = "TLP:CLEAR"

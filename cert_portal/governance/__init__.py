"""Figures with their definitions, targets and the annual report."""

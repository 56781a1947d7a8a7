"""What two faces show of figures: words for codes, charts, the pages of the annual report."""

"""Forms that two faces share: the questions of a report, asked by the public face and on the telephone."""

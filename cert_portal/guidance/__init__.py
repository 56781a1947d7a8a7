"""What a frightened person needs first: kinds of incident, what to do now, and whom else to tell."""

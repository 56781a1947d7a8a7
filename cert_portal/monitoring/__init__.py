"""What others publish: sources that are watched, and the items that came from them."""

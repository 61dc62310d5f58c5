"""What the companion can look up about the person: one file for each tool, all read-only."""

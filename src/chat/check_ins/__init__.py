"""What the companion writes first, now and then: the causes as SQL finds them, and their texts."""

"""What a workout plan says, how it is made for a person, and how it follows their training."""

"""Plans of either kind as versioned documents. What a plan says and how it is made lies in training and nutrition."""

"""Safety before any model: signs of an emergency or of an illness that words can worsen, and careful, fixed texts."""

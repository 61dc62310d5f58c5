"""Makes meal plans: by a model, or by rules where there is none."""

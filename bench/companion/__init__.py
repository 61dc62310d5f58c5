"""How well the companion hears, knows, answers and cares: measured on sets that nobody tunes on."""

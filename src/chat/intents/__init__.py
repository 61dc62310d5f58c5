"""Which tool answers a question, for a companion without a model: what people ask, in four languages."""

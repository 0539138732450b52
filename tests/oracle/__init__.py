"""A slow evaluator of the rule language, written apart from the engine: what it says must be what the engine says."""

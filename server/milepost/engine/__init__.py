"""What an event means: pure values and judgements, without clock, store or settings."""

"""How messages reach people: one module for each kind of place, and what they share."""

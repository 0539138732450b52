"""What crosses the wire, both ways; shapes are checked here and nothing else."""

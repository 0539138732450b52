"""How fast Milepost is: `make bench` measures it and writes ``docs/reference/performance.md``."""

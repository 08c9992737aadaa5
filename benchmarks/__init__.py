"""What the portal costs, measured against the same work written by hand: `python -m benchmarks`, or `make bench`."""

"""The engine in virtual time: seeds, faults, invariants. See docs/testing.md."""

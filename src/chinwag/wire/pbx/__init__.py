"""Generated from model.proto by `make proto`."""

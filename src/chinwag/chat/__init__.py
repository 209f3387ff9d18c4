"""The chat client of the command line: for people in a terminal, and for scripts."""

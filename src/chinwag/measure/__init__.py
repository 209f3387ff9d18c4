"""Puts a load on a server as its clients would, and tells how it bore that."""

"""A whole server without machine, network and waiting: for simulations and for tests of plugins."""

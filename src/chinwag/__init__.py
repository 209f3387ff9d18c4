"""Chinwag: an instant-messaging server that Tinode clients use unchanged."""

__version__ = "0.1.0"

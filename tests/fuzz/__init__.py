"""Throws everything at a running server: nothing may crash, nothing may leak."""

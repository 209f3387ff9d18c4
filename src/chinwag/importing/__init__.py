"""What comes over from the database of a Tinode server."""

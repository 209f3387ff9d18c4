"""What can be swapped: authenticators, passwords, media."""

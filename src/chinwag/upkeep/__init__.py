"""What an operator does with the data: backups, checks, what is known of one person."""

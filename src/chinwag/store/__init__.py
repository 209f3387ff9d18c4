"""What is remembered: tables, statements, transactions."""

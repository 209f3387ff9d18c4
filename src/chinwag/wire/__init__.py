"""What is said: packets, replies, encodings."""

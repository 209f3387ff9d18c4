"""What is allowed: rules as pure functions over plain state."""

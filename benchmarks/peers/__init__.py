"""The libraries that are measured beside ours, each deriving the same functions in its own way."""

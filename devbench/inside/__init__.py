"""What runs in the bench's own Python, beside Frappe. Nothing here is imported by the launcher."""

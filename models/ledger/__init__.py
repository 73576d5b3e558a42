"""The receivable events as one signed posting table, and what is open as of a day as known at a time."""

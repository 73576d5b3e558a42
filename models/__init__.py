"""What is true: SQL, contracts, pure functions and policy.

Nothing here reads a file that is not package data, asks the time, or knows where a table is stored.
"""

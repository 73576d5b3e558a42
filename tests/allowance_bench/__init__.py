"""Measurements of the allowance that are too heavy for the tests; `MEASURED.md` holds what they said."""

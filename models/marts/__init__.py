"""The published tables: what FP&A, credit and audit read."""

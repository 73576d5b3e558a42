"""Typed rows: how the text of a source file becomes facts of a feed, or rejected rows.

Where the text comes from, and where versions are kept, belongs to `assets`.
"""

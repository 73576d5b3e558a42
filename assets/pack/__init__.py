"""The pack that people open: `receivables.xlsx` and `receivables.html`, made from the published tables alone.

What a figure means belongs to `models`; when a pack may appear, to `publications`.
"""

"""Where data comes from and goes: thin Dagster assets, the resources they use and the file formats they read.

What a figure means belongs to `models`; whether to believe it, to `checks`.
"""

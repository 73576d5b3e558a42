"""The quarterly business review: slides of one account or of the whole book, made from a publication's tables alone.

What a figure means belongs to `models`; what every file of a publication says, to `assets.pack`.
"""

"""When it runs: definitions, the nightly job and its schedule, and the command line.

What is made belongs to `assets`, what is checked to `checks`.
"""

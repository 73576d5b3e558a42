"""Whether to believe it: contract checks, rules and reconciliations.

Each is named by the sentence that holds when it passes.

Making tables belongs to `assets`; what a failure does to a run, to `pipelines`.
"""

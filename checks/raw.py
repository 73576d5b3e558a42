"""What is checked of the raw layer, beyond its contracts."""

from checks.reconciliations import reconciliation

RECONCILIATIONS = [
    reconciliation("every_file_can_be_trusted", "raw.file_notes"),
    reconciliation("every_file_is_named_after_a_feed", "raw.file_notes", "warn"),
    reconciliation("every_pattern_finds_a_file", "raw.file_notes", "warn"),
    reconciliation("no_batch_is_far_smaller_than_usual", "raw.files", "warn"),
]

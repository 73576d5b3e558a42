"""What was known of each payer on the day, and the counts that hazards are made of: SQL and contracts."""

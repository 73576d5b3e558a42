"""What was known of each payer on the day: spells of open items, and the counts that hazards are made of."""

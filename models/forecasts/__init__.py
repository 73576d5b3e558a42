"""When open items become cash, what future billings add, and how well forecasts made the same way did."""

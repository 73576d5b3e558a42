"""Measures of the forecasts on real ledgers, where the folder of shared data is present."""

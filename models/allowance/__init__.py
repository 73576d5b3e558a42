"""The allowance for credit losses: what is expected never to be paid of what is open, with the schedules behind it.

Rates are estimated here, one method a module; money is computed in SQL, so that a controller can re-perform it.
"""

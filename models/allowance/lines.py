"""The lines of the allowance's roll-forward, in order, with the column of Schedule II and the XBRL names of each.

Names are those of the US GAAP taxonomy (receivables, current) and of the IFRS taxonomy.
"""

from __future__ import annotations

from typing import Any

US, IFRS = "us-gaap:", "ifrs-full:"
OPENING, COSTS, OTHER, DEDUCTIONS, CLOSING = (
    "Balance at beginning of period",
    "Charged to costs and expenses",
    "Charged to other accounts",
    "Deductions",
    "Balance at end of period",
)
BALANCE = ("AllowanceForDoubtfulAccountsReceivableCurrent", "AllowanceAccountForCreditLossesOfFinancialAssets")
LINES = (
    ("opening", OPENING, *BALANCE),
    ("adoption", OTHER, "AllowanceForDoubtfulAccountsReceivablePeriodIncreaseDecrease", ""),
    ("acquired", OTHER, "", ""),
    (
        "provision",
        COSTS,
        "AccountsReceivableCreditLossExpenseReversal",
        "AdditionalAllowanceRecognisedInProfitOrLossAllowanceAccountForCreditLossesOfFinancialAssets",
    ),
    (
        "write_offs",
        DEDUCTIONS,
        "AllowanceForDoubtfulAccountsReceivableWriteOffs",
        "UtilisationAllowanceAccountForCreditLossesOfFinancialAssets",
    ),
    ("recoveries", DEDUCTIONS, "AllowanceForDoubtfulAccountsReceivableRecoveries", ""),
    ("transfers", OTHER, "", ""),
    ("fx", OTHER, "", "IncreaseDecreaseThroughNetExchangeDifferencesAllowanceAccountForCreditLossesOfFinancialAssets"),
    ("other", OTHER, "", "IncreaseDecreaseThroughOtherChangesAllowanceAccountForCreditLossesOfFinancialAssets"),
    ("closing", CLOSING, *BALANCE),
)


def line_rows() -> list[dict[str, Any]]:
    """The lines as `staging.allowance_lines`."""
    return [
        {
            "line": line,
            "line_order": order,
            "schedule_ii_column": column,
            "asc_tag": f"{US}{asc}" if asc else "",
            "ifrs_tag": f"{IFRS}{ifrs}" if ifrs else "",
        }
        for order, (line, column, asc, ifrs) in enumerate(LINES, start=1)
    ]

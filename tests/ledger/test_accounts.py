"""Accounts: what documents share of entity, customer, payer, currency and control account goes by one number."""

import pytest

from tests.small_books import SmallBook


@pytest.fixture
def loaded(book: SmallBook) -> SmallBook:
    """Two invoices of C1, one of them for X9 to pay, and a payment of C2 in another currency; C1's master data moves in March."""
    book.put(
        customers="""
        | customer_id | valid_from | segment | payer_id | terms_days | related_party |
        | C1          | 2026-01-01 | smb     | .        | 14         | false         |
        | C1          | 2026-03-01 | large   | C8       | 60         | true          |
        """,
        invoices="""
        | invoice_id | customer_id | payer_id | invoice_date | due_date | currency | amount | ar_account |
        | I1         | C1          | .        | 2026-01-05   | .        | EUR      | 100.00 | 1200       |
        | I2         | C1          | X9       | 2026-01-06   | .        | EUR      | 100.00 | 1200       |
        | I3         | C1          | .        | 2026-01-07   | .        | EUR      | 100.00 | 1200       |
        """,
        payments="| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C2 | 2026-01-09 | USD | 40.00 |",
    )
    book.load("2026-01-31T06:00:00")
    return book


def test_documents_that_share_all_share_an_account(loaded: SmallBook) -> None:
    loaded.build("2026-02-28")
    loaded.expect(
        "ledger.known_accounts",
        """
        | account_number | customer_id | named_payer_id | currency | ar_account |
        | 1              | C1          | .              | EUR      | 1200       |
        | 2              | C1          | X9             | EUR      | 1200       |
        | 3              | C2          | .              | USD      | .          |
        """,
    )
    loaded.expect(
        "ledger.known_documents",
        """
        | account_number | document_type | sign | document_date | original_amount |
        | 1              | invoice       | 1    | 2026-01-05    | 100.00          |
        | 2              | invoice       | 1    | 2026-01-06    | 100.00          |
        | 1              | invoice       | 1    | 2026-01-07    | 100.00          |
        | 3              | payment       | -1   | 2026-01-09    | 40.00           |
        """,
    )


@pytest.mark.parametrize(
    ("as_of", "said"),
    [
        ("2026-02-28", "| 1 | C1 | smb | False | . |\n| 2 | X9 | smb | False | . |\n| 3 | C2 | . | False | . |"),
        ("2026-03-31", "| 1 | C8 | large | True | . |\n| 2 | X9 | large | True | . |\n| 3 | C2 | . | False | . |"),
    ],
)
def test_an_account_is_as_the_master_data_of_the_day_have_it(loaded: SmallBook, as_of: str, said: str) -> None:
    """The payer is the document's, else the customer's own, else the customer."""
    loaded.build(as_of)
    header = "| account_number | payer_id | segment | related_party | aging_terms_days |"
    loaded.expect("ledger.accounts", f"{header}\n{said}")


def test_where_the_policy_ages_by_terms_an_account_has_them(loaded: SmallBook) -> None:
    """C2 is not among the customers: the policy's own terms."""
    loaded.policy = "aging: {no_due_date: terms, default_terms_days: 30}\n"
    loaded.load("2026-02-01T06:00:00")
    loaded.build("2026-02-28")
    loaded.expect("ledger.accounts", "| account_number | aging_terms_days |\n| 1 | 14 |\n| 2 | 14 |\n| 3 | 30 |")


def test_what_came_later_is_no_account_of_before(loaded: SmallBook) -> None:
    loaded.put(
        invoices_2="| invoice_id | customer_id | invoice_date | due_date | currency | amount |\n| I4 | C7 | 2026-01-08 | . | EUR | 1.00 |"
    )
    loaded.load("2026-02-03T06:00:00")
    loaded.build("2026-02-28", known_at="2026-02-02T00:00:00")
    assert loaded.rows("select count(*) from ledger.known_documents") == [(4,)]
    loaded.build("2026-02-28")
    assert loaded.rows("select count(*) from ledger.known_documents") == [(5,)]

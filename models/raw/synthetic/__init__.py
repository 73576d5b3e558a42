"""A made-up book of receivables with its ground truth, for demonstrations, tests and measurements of scale.

Belongs here: everything that is drawn, from numbers to canonical frames. Does not belong here: files
(`assets.synthetic_files`), or anything that the product infers from them.

Calibrated on what two SaaS sellers published (shared/data/README.md), measured so:
- payments an invoice: different payments among the live applications of a cleared invoice that has any;
- not collected in full: cleared invoices of which credit memos or write-offs took a part (not discounts);
- a partial payment leaves at least one invoice that it is applied to partly open on that day;
- payment months: calendar months from the invoice date to the last true payment, of all posted invoices;
- 1.2 applications an invoice: about .99 of payments, .05 of credit memos, .01 corrections, and .15 because
  every sixth payer, by volume, remits net and tax apart, which makes two applications of one payment.
"""

from models.raw.synthetic.book import chunk_count, generate, generate_chunks
from models.raw.synthetic.settings import CORE_FEEDS, Book, BookSettings

__all__ = ["CORE_FEEDS", "Book", "BookSettings", "chunk_count", "generate", "generate_chunks"]

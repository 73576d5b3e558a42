"""`make mutants`: the arithmetic of ageing, application and FX, changed in one place at a time, judged by the tests.

Belongs here: what is tried, in what order, and when the command fails. Does not: how SQL is mutated (`mutations`), or
who judges (`examples`, `drawn`). mutmut and cosmic-ray change Python's syntax trees only; this arithmetic is SQL.

    python -m tests.mutants --theme fx --table ledger.closing_rates --sample 100 --seed 1

A verdict that is known from before is kept, a survivor tried again. Exit 1 while a survivor is unexplained.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.mutants import drawn, examples
from tests.mutants.mutations import Mutant
from tests.mutants.results import Results, is_explained, out_of_date, survivors, table
from tests.mutants.targets import THEMES, chosen

RESULTS = Path(__file__).resolve().parents[2] / ".mutants.json"


def main() -> int:
    """Try the mutants that are asked for, print what became of them."""
    given = _arguments()
    results = Results(RESULTS)
    tried = chosen(given.theme, given.table, given.sample, given.seed)
    if given.anew:
        results.found = {key: one for key, one in results.found.items() if key not in {m.key for m in tried}}
    alive = [mutant for mutant in tried if _is_to_be_tried(mutant, results, given.explained)]
    print(f"{len(tried)} mutants, {len(alive)} to be tried", flush=True)
    if alive:
        _try(alive, results, given)
    for mutant in survivors(tried, results):
        print(mutant.key)
    for key in out_of_date(tried, results):
        print(f"no longer equivalent: {key}")
    print(table(tried, results))
    return 1 if survivors(tried, results) or out_of_date(tried, results) else 0


def _try(alive: list[Mutant], results: Results, given: argparse.Namespace) -> None:
    begun = time.monotonic()

    def say(said: str) -> None:
        results.save()
        print(f"{time.monotonic() - begun:6.0f} s  {said}", flush=True)

    drawn.judge(alive, results.tell, say, given.books)
    if examples.judge(alive, results.tell, say, given.places):
        sys.exit(2)
    for mutant in alive:
        results.tell(mutant, "survived")
    results.save()


def _is_to_be_tried(mutant: Mutant, results: Results, with_explained: bool) -> bool:
    return results.of(mutant) in ("", "survived") and (with_explained or not is_explained(mutant))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description="Try the tests with mutants of SQL.")
    parser.add_argument("--theme", action="append", default=[], choices=tuple(THEMES))
    parser.add_argument("--table", action="append", default=[], help="such as ledger.open_items; may be repeated")
    parser.add_argument("--sample", type=int, help="so many mutants, drawn with the seed; all when not given")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--books", type=int, default=20, help="drawn books of each kind")
    parser.add_argument("--places", nargs="+", default=list(examples.FOLDERS), help="tests that judge")
    parser.add_argument("--anew", action="store_true", help="forget what is known of these mutants")
    parser.add_argument("--explained", action="store_true", help="try the equivalent ones as well")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

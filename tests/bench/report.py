"""The table of what was measured, in Markdown, and whether each target was met.

Measuring belongs to `measured`.
"""

from __future__ import annotations

from tests.bench.measured import Measured

Run = dict[str, Measured]
"""The stages of one size, by name."""

TITLES = {
    "scan": "DuckDB scan (`bit_xor(hash(c))`)",
    "landing": "landing (raw)",
    "staging": "staging",
    "ledger": "ledger",
    "marts": "marts",
    "compared": "the marts that pandas makes too, and their ledger",
    "tight": "ledger and marts, or these marts alone, again under 1 GB",
    "features": "features",
    "forecasts": "forecasts, without a look back",
    "allowance": "allowance, its rates and its marts",
    "checks": "checks",
    "publication": "publication",
    "pandas": "pandas version of the marts",
}
NIGHT = ("landing", "staging", "ledger", "features", "forecasts", "marts", "allowance", "checks", "publication")
"""The layers of a night, in order; their time together must not grow faster than the book."""
MOST_FORECAST = 60
MOST_SCANS_LEDGER, MOST_SCANS_STAGING, MOST_GB, MOST_GROWTH, LEAST_FASTER = 40, 80, 6, 11, 8


def table(size: int, run: Run) -> str:
    """Seconds, processor seconds, peak memory and the ratio to the scan of every stage of one size."""
    lines = [f"| {size:,} invoices | seconds | CPU s | peak MB | × scan |", "| --- | ---: | ---: | ---: | ---: |"]
    for stage, title in TITLES.items():
        if stage in run:
            found = run[stage]
            times = found.seconds / run["scan"].seconds
            lines.append(f"| {title} | {found.seconds:.2f} | {found.cpu:.1f} | {found.peak_mb:,.0f} | {times:.1f} |")
    return "\n".join(lines)


def slowest(run: Run, count: int = 8) -> str:
    """The tables that took longest to build or to check."""
    timed = [
        (seconds, f"{stage} {name}")
        for stage in ("ledger", "marts", "allowance", "checks")
        if stage in run
        for name, seconds in run[stage].said["tables"].items()
    ]
    return ", ".join(f"{name} {seconds:.2f} s" for seconds, name in sorted(timed, reverse=True)[:count])


def together(run: Run, *stages: str) -> float:
    """Seconds of several stages."""
    return sum(run[stage].seconds for stage in stages)


def targets(runs: dict[int, Run]) -> str:
    """Each target with what was measured."""
    lines = ["| target | size | measured | met |", "| --- | ---: | ---: | --- |"]
    for size, run in runs.items():
        unit = run["scan"].seconds
        peak = max(found.peak_mb for stage, found in run.items() if stage != "pandas") / 1024
        rows = [
            (
                f"the first five marts and their ledger ≤ {MOST_SCANS_LEDGER} × scan",
                run["compared"].seconds / unit,
                MOST_SCANS_LEDGER,
            ),
            (
                f"landing + staging ≤ {MOST_SCANS_STAGING} × scan",
                together(run, "landing", "staging") / unit,
                MOST_SCANS_STAGING,
            ),
            (f"peak memory ≤ {MOST_GB} GiB", peak, MOST_GB),
        ]
        if "marts" in run:
            every = f"every ledger table and mart ≤ {MOST_SCANS_LEDGER} × scan"
            made = f"features + forecasts ≤ {MOST_FORECAST} s"
            rows.append((every, together(run, "ledger", "marts") / unit, MOST_SCANS_LEDGER))
            rows.append((made, together(run, "features", "forecasts"), MOST_FORECAST))
        lines += [f"| {name} | {size:,} | {found:.1f} | {_met(found <= most)} |" for name, found, most in rows]
        if "pandas" in run:
            lines.append(_against_pandas(size, run))
    for (small, before), (large, after) in zip(list(runs.items()), list(runs.items())[1:], strict=False):
        layers = [stage for stage in NIGHT if stage in after]
        growth = together(after, *layers) / together(before, *layers)
        most = MOST_GROWTH * large / small / 10
        lines.append(f"| growth ≤ {most:.0f} × from {small:,} | {large:,} | {growth:.1f} | {_met(growth <= most)} |")
    return "\n".join(lines)


def _against_pandas(size: int, run: Run) -> str:
    ours, theirs = run["compared"].seconds, run["pandas"]
    marts_alone = (theirs.seconds - theirs.said["reading"]) / ours
    faster = theirs.seconds / ours
    return (
        f"| the same marts ≥ {LEAST_FASTER} × faster than pandas ({marts_alone:.1f} × its marts without its reading) "
        f"| {size:,} | {faster:.1f} | {_met(faster >= LEAST_FASTER)} |"
    )


def _met(is_met: bool) -> str:
    return "yes" if is_met else "**no**"

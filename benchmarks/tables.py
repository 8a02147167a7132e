"""Figures as tables in Markdown."""

from collections.abc import Iterable, Sequence

from benchmarks.comparison import Figures


def against_bare(compared: Sequence[Figures]) -> str:
    """Table of ours beside the one by hand, with the targets of each workload."""
    rows = [
        (
            figures.workload.name,
            *(duration(median) for median in figures.medians),
            number(figures.ratios[1]),
            spread(figures),
            number(figures.workload.at_most),
            number(figures.workload.aim),
            verdict(figures),
        )
        for figures in compared
    ]
    heads = ("workload", "bare", "ours", "ratio", "half of them", "at most", "aim", "holds")
    return table(heads, rows)


def beside(names: Sequence[str], compared: Sequence[Figures]) -> str:
    """Table of any services: what a call takes, and how many times the first one's that is."""
    rows = []
    for figures in compared:
        cells = [duration(figures.medians[0])]
        for median, ratio in list(zip(figures.medians, figures.ratios, strict=True))[1:]:
            cells.append("" if median is None else f"{duration(median)} ({number(ratio)})")
        rows.append((figures.workload.name, *cells))
    return table(("workload", *names), rows)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown of a table; all columns but the first are numbers."""
    lines = [heads, ("---", *("---:" for _ in heads[1:])), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def duration(seconds: float | None) -> str:
    """Microseconds, or milliseconds from ten of them on; empty for None."""
    if seconds is None:
        return ""
    micros = seconds * 1e6
    return f"{micros:.0f} µs" if micros < 10_000 else f"{micros / 1000:.1f} ms"


def number(value: float | None) -> str:
    """With as many digits as tell something; empty for None."""
    if value is None:
        return ""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value < 10 else f"{value:.0f}"


def spread(figures: Figures) -> str:
    """Within which the middle half of the rounds has our ratio."""
    ends = figures.spread(1)
    return "" if ends is None else f"{number(ends[0])} to {number(ends[1])}"


def verdict(figures: Figures) -> str:
    """Whether ours keeps what is asked of it."""
    ratio, workload = figures.ratios[1], figures.workload
    if ratio is None or workload.at_most is None:
        return ""
    if ratio > workload.at_most:
        return "**no**"
    return "yes, the aim" if workload.aim is not None and ratio <= workload.aim else "yes"

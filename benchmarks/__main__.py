"""How fast the service is in process: beside one written by hand, beside peers, and on each backend."""

import argparse
import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

warnings.filterwarnings("ignore", message="pkg_resources is deprecated")

from benchmarks import tables  # noqa: E402 - cornice warns when it is imported
from benchmarks.chart import chart  # noqa: E402
from benchmarks.comparison import Figures, compare  # noqa: E402
from benchmarks.layers import LAYERS  # noqa: E402
from benchmarks.subjects import BARE, OURS, PEERS, Kind, MissingSubject, running  # noqa: E402
from benchmarks.workloads import WORKLOADS  # noqa: E402
from tests.server_host import hosting  # noqa: E402

BACKENDS = ("postgresql", "sqlite", "redis", "memory")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print and write what is asked for; 1 when there is no server."""
    options = _parser().parse_args(arguments)
    kinds = chosen_kinds(options)
    try:
        with hosting(), running(kinds, options.size) as processes:
            if options.profile or options.layers:
                make = profile_of if options.profile else layers_of
                write(make(options, processes[0]), options.output)
                return 0
            compared = compare(
                processes, options.only or WORKLOADS, rounds=options.rounds, seconds=options.seconds
            )
    except pytest.skip.Exception as reason:
        print(reason, file=sys.stderr)
        return 1
    show(options, kinds, compared)
    return 0


def chosen_kinds(options: argparse.Namespace) -> list[Kind]:
    """Services to measure, the one first that the others are held against."""
    if options.backend:
        return [
            Kind(f"ours on {backend}", OURS.module, options={"backend": backend})
            for backend in options.backend
        ]
    if options.profile or options.layers:
        return [OURS]
    kinds = [BARE, OURS]
    for peer in PEERS if options.peers else ():
        try:
            _ = peer.python
        except MissingSubject as reason:
            print(f"left out: {reason}", file=sys.stderr)
        else:
            kinds.append(peer)
    return kinds


def profile_of(options: argparse.Namespace, process: Any) -> str:
    """Table of where the time goes: the quickest of some profiles, which was disturbed the least."""
    profiles = [found for found in _asked(options, process, "profile", options.profile)]
    quickest = min(profiles, key=lambda rows: sum(own for _, _, own, _ in rows))
    rows = [
        (name, f"{calls:g}", f"{own:.1f}", f"{whole:.1f}")
        for name, calls, own, whole in sorted(quickest, key=lambda row: -row[options.sort])
    ]
    heads = ("function", "times a call", "its own µs", "µs with all it calls")
    return tables.table(heads, rows[: options.lines])


def layers_of(options: argparse.Namespace, process: Any) -> str:
    """Table of the part that each layer has in the time of each workload."""
    rows = []
    for name in options.only or WORKLOADS:
        found = [times for times in _asked(options, process, "layers", name)]
        quickest = min(found, key=lambda times: sum(times.values()))
        whole = sum(quickest.values())
        parts = (f"{100 * quickest.get(layer, 0) / whole:.0f} %" for layer in LAYERS)
        rows.append((name, tables.duration(whole / 1e6), *parts))
    return tables.table(("workload", "profiled", *LAYERS), rows)


def _asked(options: argparse.Namespace, process: Any, what: str, name: str) -> Iterator[Any]:
    """Profiles of a workload, each of other calls."""
    calls = WORKLOADS[name].few(options.calls)
    process.ask("check", workload=name, first=0, calls=WORKLOADS[name].few(20))
    for round_ in range(1, options.rounds + 1):
        yield process.ask(what, workload=name, first=round_ * calls, calls=calls)


def show(options: argparse.Namespace, kinds: Sequence[Kind], compared: Sequence[Figures]) -> None:
    """Print the table, and write the files that are asked for."""
    names = [kind.name for kind in kinds]
    text = tables.against_bare(compared) if kinds == [BARE, OURS] else tables.beside(names, compared)
    write(text, options.output)
    if options.chart:
        title = f"Time of a request, in times of {names[0]}"
        options.chart.write_text(chart(title, names[1:], compared), "utf-8")


def write(text: str, output: Path | None) -> None:
    """Print it, and write it to the file that is asked for."""
    print(text)
    if output is not None:
        output.write_text(text, "utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=11, help="turns of each workload (11)")
    parser.add_argument("--seconds", type=float, default=0.5, help="time of a turn of ours in seconds (0.5)")
    parser.add_argument("--size", type=int, default=10_000, help="records of the user (10000)")
    parser.add_argument("--only", nargs="+", choices=WORKLOADS, metavar="WORKLOAD", help=", ".join(WORKLOADS))
    parser.add_argument("--peers", action="store_true", help="beside what else there is, where installed")
    parser.add_argument("--backend", nargs="+", choices=BACKENDS, help="ours alone, on these backends")
    parser.add_argument("--profile", choices=WORKLOADS, metavar="WORKLOAD", help="profile of ours")
    parser.add_argument("--layers", action="store_true", help="profiles of ours, by layers")
    parser.add_argument("--calls", type=int, default=200, help="calls in a profile (200)")
    parser.add_argument("--lines", type=int, default=40, help="functions that it shows (40)")
    parser.add_argument(
        "--own", dest="sort", action="store_const", const=2, default=3, help="its own time first"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="where to write the table")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="where to draw the ratios, as SVG")
    return parser


if __name__ == "__main__":
    sys.exit(main())

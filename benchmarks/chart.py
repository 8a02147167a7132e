"""A drawing of ratios: bars on a logarithmic scale, for a page that may be light or dark."""

import math
from collections.abc import Sequence
from html import escape

from benchmarks.comparison import Figures
from benchmarks.tables import number

COLOURS = ("#2f6f9f", "#b5651d", "#6b8e23", "#7d5ba6")
INK, PALE, PAPER = "#16202c", "#b9c6d6", "#fdfdfb"
LEFT, RIGHT, TOP = 220, 60, 56
BAR, GAP, WIDTH = 13, 14, 760


def chart(title: str, names: Sequence[str], compared: Sequence[Figures]) -> str:
    """SVG of how many times the first service's time each other one takes, of which the names are given."""
    most = max((ratio for figures in compared for ratio in figures.ratios[1:] if ratio), default=1.0)
    scale = _Scale(10 ** math.ceil(math.log10(max(most, 2))))
    parts, top = [], TOP
    for figures in compared:
        group, height = _group(figures, scale, top)
        parts.append(group)
        top += height + GAP
    height = top + 8
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
            f'height="{height}" role="img" aria-labelledby="title" font-family="sans-serif" font-size="12">',
            f'  <title id="title">{escape(title)}</title>',
            f'  <rect width="{WIDTH}" height="{height}" rx="8" fill="{PAPER}"/>',
            *_legend(names),
            *_grid(scale, height),
            *parts,
            "</svg>\n",
        ]
    )


class _Scale:
    """Places of ratios, from a half to the most."""

    def __init__(self, most: float) -> None:
        self.most = most
        self._least = math.log(0.5)
        self._width = (WIDTH - LEFT - RIGHT) / (math.log(most) - self._least)

    def x(self, ratio: float) -> float:
        return LEFT + (math.log(max(ratio, 0.5)) - self._least) * self._width

    @property
    def marks(self) -> list[float]:
        return [mark for mark in (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if mark <= self.most]


def _legend(names: Sequence[str]) -> list[str]:
    parts, x = [], LEFT
    for name, colour in zip(names, COLOURS, strict=False):
        parts.append(f'  <rect x="{x}" y="14" width="12" height="12" fill="{colour}"/>')
        parts.append(f'  <text x="{x + 17}" y="24" fill="{INK}">{escape(name)}</text>')
        x += 32 + 7 * len(name)
    return parts


def _grid(scale: _Scale, height: int) -> list[str]:
    parts = []
    for mark in scale.marks:
        x, weight = scale.x(mark), 2 if mark == 1 else 1
        parts.append(
            f'  <path d="M{x:.1f} {TOP - 8}V{height - 10}" stroke="{PALE}" stroke-width="{weight}"/>'
        )
        parts.append(f'  <text x="{x:.1f}" y="{TOP - 12}" fill="{INK}" text-anchor="middle">{mark:g}</text>')
    return parts


def _group(figures: Figures, scale: _Scale, top: int) -> tuple[str, int]:
    """Bars of a workload, and how high they stand together."""
    shown = [
        (ratio, colour)
        for ratio, colour in zip(figures.ratios[1:], COLOURS, strict=False)
        if ratio is not None
    ]
    height = BAR * max(len(shown), 1)
    label = f'y="{top + height / 2 + 4:.1f}" fill="{INK}" text-anchor="end">{escape(figures.workload.name)}'
    parts = [f'  <text x="{LEFT - 10}" {label}</text>']
    one = scale.x(1)
    for position, (ratio, colour) in enumerate(shown):
        y, x = top + position * BAR, scale.x(ratio)
        start, width = min(one, x), max(abs(x - one), 1.5)
        parts.append(
            f'  <rect x="{start:.1f}" y="{y}" width="{width:.1f}" height="{BAR - 2}" fill="{colour}"/>'
        )
        parts.append(f'  <text x="{max(x, one) + 5:.1f}" y="{y + 10}" fill="{INK}">{number(ratio)}</text>')
    parts += _target(figures, scale, top, height)
    return "\n".join(parts), height


def _target(figures: Figures, scale: _Scale, top: int, height: int) -> list[str]:
    """Mark of what ours has to stay below."""
    if figures.workload.at_most is None:
        return []
    x = scale.x(figures.workload.at_most)
    return [f'  <path d="M{x:.1f} {top - 3}v{height + 4}" stroke="{INK}" stroke-width="1.5"/>']

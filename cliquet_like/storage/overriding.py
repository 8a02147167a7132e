"""Abilities of storages that rely on other methods, which a subclass may override."""

from collections.abc import Set


def knows_of_overriding(cls: type, ability: str, methods: Set[str]) -> bool:
    """Whether the method of the ability was written with, or after, the last one of the others.

    A class that overrides one of these and not the ability goes a way of its own, which the ability
    would pass by. One of the classes has to have one of the methods.
    """
    owners = map(vars, cls.__mro__)
    last = next(own for own in owners if ability in own or not methods.isdisjoint(own))
    return ability in last

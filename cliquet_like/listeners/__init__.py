"""Reactions to events, chosen by settings: facade of the room."""

from cliquet_like.listeners.base import ListenerBase

__all__ = ["ListenerBase"]

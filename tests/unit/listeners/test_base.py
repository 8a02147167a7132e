"""A listener as an object."""

import pytest

from cliquet_like.listeners import ListenerBase


def test_a_listener_that_does_not_say_what_it_does_is_an_error():
    listener = ListenerBase()

    with pytest.raises(NotImplementedError):
        listener(object())


def test_a_listener_is_called_with_the_event():
    class Collector(ListenerBase):
        def __call__(self, event):
            heard.append(event)

    heard = []

    Collector()("an event")

    assert heard == ["an event"]

from cliquet_like.testing import FrozenClock


def test_it_stands_still_until_it_is_told_to_go_on():
    clock = FrozenClock(1000)

    readings = [clock(), clock()]
    clock.advance(5)
    readings.append(clock())
    clock.advance(-10)
    readings.append(clock())

    assert readings == [1000, 1000, 1005, 995]

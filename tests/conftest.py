"""What every test shares."""

from hypothesis import settings

# The same examples on every run, and no complaint about a slow machine.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

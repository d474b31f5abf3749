"""What all tests share: property tests that are the same on every run and know no clock."""

from hypothesis import settings

settings.register_profile("unbend", deadline=None, derandomize=True)
settings.load_profile("unbend")

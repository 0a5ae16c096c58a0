"""Tests of what happens to a distribution."""

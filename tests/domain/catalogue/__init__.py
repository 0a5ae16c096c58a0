"""Tests of `domain.catalogue`."""

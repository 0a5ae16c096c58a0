"""Tests of `domain.stock`."""

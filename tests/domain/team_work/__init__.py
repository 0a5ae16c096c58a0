"""Tests of team work."""

"""Tests of the rules: pure, without a database."""

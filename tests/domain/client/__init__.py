"""Tests of what happens on a client, one module per capability."""

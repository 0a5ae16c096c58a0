"""Tests of the service around the domain."""

"""Tests of documents on pages."""

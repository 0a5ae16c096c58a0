"""Tests of templates and their language."""

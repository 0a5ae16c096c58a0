"""Tests of how plans are worked out and carried out."""

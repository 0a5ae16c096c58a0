"""Tests of the prediction models and their fits."""

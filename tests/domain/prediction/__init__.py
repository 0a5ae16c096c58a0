"""Tests of the prediction of purchases."""

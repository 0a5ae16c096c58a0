"""Prediction of what clients will buy: models fitted in a process of their own; each fit is a fact of the log."""

"""The HTTP contract: commands as POSTs, views as GETs, all under one base path."""

BASE = "/api/v1"

"""The store as the library `eventsourcing` sees it."""

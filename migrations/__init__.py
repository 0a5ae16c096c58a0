"""The schema of the database, revision by revision. Tables of views are not here: they are derived data."""

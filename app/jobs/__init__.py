"""What takes longer than a request: a job is a row of a table that all can read, and has a process of its own."""

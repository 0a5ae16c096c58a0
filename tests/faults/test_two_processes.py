"""Two services on one database: both decide and append, one of them projects, and either may be killed."""

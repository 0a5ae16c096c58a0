"""What a client will buy, predicted from its own purchases: the models, and their fits as facts of the log."""

"""Documents: their templates, the language these are written in, and what they are filled with."""

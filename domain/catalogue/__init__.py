"""The catalogue: products with their variants, which are the articles that are sold, and price lists."""

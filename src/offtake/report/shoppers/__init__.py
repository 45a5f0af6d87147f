"""The page on shoppers and brand: one module a subject, each with its words, grids and charts."""

"""Customer bases of millions of households, beside the libraries that fit them."""

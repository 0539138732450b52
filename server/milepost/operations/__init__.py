"""One module for each thing the product does; only here do engine and store meet."""

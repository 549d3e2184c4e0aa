"""The rules of the dataset; the catalogue puts them together."""

"""Which ingredient is worth what: variants of a recipe, several seeds each, on the same ground."""

"""The commands behind every figure we claim."""

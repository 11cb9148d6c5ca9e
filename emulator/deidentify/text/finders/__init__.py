"""Finders of what can be known by its form, one module for each kind of thing."""

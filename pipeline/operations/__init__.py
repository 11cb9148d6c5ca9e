"""Launch one operation for each batch, once; poll it; hand over its end."""

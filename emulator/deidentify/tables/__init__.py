"""Editions of PS3.15 table E.1-1 as data files, and the script that writes them."""

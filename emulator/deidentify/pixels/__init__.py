"""Text burned into pixels: read, judged and blacked out, in any transfer syntax that can be read."""

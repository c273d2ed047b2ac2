"""Location: where regulated data lies, and on whose machines."""

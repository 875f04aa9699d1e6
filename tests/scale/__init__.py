"""How decisions and the operator grow with the number of submissions."""

"""What people ask on the command line, answered from the objects alone."""

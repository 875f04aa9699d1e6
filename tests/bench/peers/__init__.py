"""What the engine is measured against, each in its own small file and written as its users run it."""

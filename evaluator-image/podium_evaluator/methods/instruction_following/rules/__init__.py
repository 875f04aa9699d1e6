"""The rules that an answer can be asked to obey, one file a family."""

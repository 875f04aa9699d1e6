"""A competition between real language models, from nothing to recorded weights. See `__main__.py`."""

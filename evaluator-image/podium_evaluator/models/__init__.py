"""The architectures that may enter: pure arithmetic on their configurations, no torch.

To add one: write a module beside `llama.py` that describes it and list it in `table.py`; a test
compares every entry with the real model class.
"""

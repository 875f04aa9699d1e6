"""From stored objects to what decisions are made from, and from decided statuses back.

Reading back what was written gives the same value, so that an unchanged world asks for no write.
"""

"""Access to a chain: what is asked of one (`protocol`), and the Bittensor SDK behind it (`bittensor`)."""

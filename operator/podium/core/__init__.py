"""Pure decisions: no I/O, no clock, no randomness, nothing of kopf, Kubernetes or pydantic."""

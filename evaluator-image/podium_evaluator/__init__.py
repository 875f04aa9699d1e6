"""What runs inside evaluation pods: prepare samples, fetch a model, evaluate it, probe the isolation."""

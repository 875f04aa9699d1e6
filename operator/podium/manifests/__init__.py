"""Pure: decisions become Kubernetes objects."""

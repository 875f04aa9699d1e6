"""Podium: open language-model competitions on Kubernetes."""

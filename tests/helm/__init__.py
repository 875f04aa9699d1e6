"""Tests of the chart with the real Helm, and of what it installs with a real API server."""

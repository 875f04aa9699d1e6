"""Wait, observe, decide, execute, report: what turns decisions into a running system."""

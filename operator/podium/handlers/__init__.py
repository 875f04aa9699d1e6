"""kopf, and only here: watches fill the store and wake loops, nothing else."""

"""`podium-evaluate`: the verdict that a competition's pods would reach, without a cluster."""

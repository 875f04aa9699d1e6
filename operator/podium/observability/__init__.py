"""What operators of Podium see: metrics and logs."""

"""Reading safetensors without trusting them: header, data, norms. No torch here."""

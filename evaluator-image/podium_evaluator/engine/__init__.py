"""From token sequences to losses. The seam: `load_model` and `score`; everything with torch is here."""

"""How samples become scores: each method says which tokens to score and what their losses mean."""

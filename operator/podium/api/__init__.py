"""What the cluster stores: one module a kind, conditions, and the generator of the definitions.

pydantic is used only here: `Competition.model_validate(raw)` reads an object as the API server
gives it, `stored()` writes a spec or status back.
"""

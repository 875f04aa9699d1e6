"""`podium-evaluate commit`: from a folder to a published repository that a hotkey has committed to.

Nobody can copy what nobody can see: the repository stays private until the commitment is final. Every step
looks first whether it is done already, so a command that was interrupted is simply run again.
"""

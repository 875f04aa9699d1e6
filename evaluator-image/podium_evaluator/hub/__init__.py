"""From a stranger's repository or folder into the content-addressed store. No torch here."""

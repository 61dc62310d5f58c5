"""Commands for whoever works on the project: never deployed, never imported by what is."""

"""Adapts meal plans: another meal, other targets, leftovers used up."""

"""What the companion says without a model, in each language: one TOML file for each topic, and its formatting."""

from src.chat.phrases.catalogue import say

__all__ = ["say"]

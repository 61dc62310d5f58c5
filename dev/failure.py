"""The one error that the stack shows to a person."""


class StackError(Exception):
    """Something a person can act on. The message is one clear sentence, printed without a traceback."""

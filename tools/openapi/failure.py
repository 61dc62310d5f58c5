"""What the commands of the contract tell a person."""


class ContractError(Exception):
    """Something a person can act on. The message is printed without a traceback."""

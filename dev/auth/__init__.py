"""A small auth service for the local stack: the endpoints supabase-js and supabase-py use, over auth.users.

It speaks as the hosted platform does (paths, shapes, error codes, token claims), so that nothing in the
application knows which of the two it talks to. What needs mail or a sign-in provider is refused in words
(`unsupported.py`). Nothing here is deployed.
"""

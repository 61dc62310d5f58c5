"""The local Supabase URL: one process that answers /auth/v1 itself and passes /rest/v1 on to PostgREST.

It does what the platform's API gateway does: API keys become roles, CORS is open, nothing else is changed.
Bound to loopback only. `python -m dev.gateway`, configured by environment (`config.py`).
"""

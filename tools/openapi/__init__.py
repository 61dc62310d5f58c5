"""The contract: openapi.json is made from the code, checked, released, and handed to the frontend."""

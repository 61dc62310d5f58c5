"""FastAPI with nothing of ours: what one request costs before anything is done. Measured against, never deployed."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "healthy"}

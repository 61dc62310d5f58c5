"""One batch of the cron task: who of the next people is due, and a message to each."""

from typing import Any

from src.chat.check_ins.causes import DueBatch, parse_due
from src.chat.check_ins.texts import compose
from src.core.documents import parse_document
from src.core.service_gateway import ServiceGateway


async def check_in_batch(gateway: ServiceGateway) -> tuple[int, bool]:
    """How many messages were kept, and whether that was the last batch.

    What happens between the two calls costs nothing: SQL keeps a message only if all is still as it was.
    """
    batch = parse_document(DueBatch.model_validate, await gateway.call("check_ins_due"))
    if not batch.due:
        return 0, batch.done
    messages = [_message(due) for due in batch.due]
    kept: int = await gateway.call("keep_check_ins", {"check_ins": messages})
    return kept, batch.done


def _message(due: dict[str, Any]) -> dict[str, Any]:
    check_in = compose(parse_document(parse_due.validate_python, due))
    return {"due": due, **check_in.model_dump(mode="json")}

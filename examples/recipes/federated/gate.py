"""What sites may ask of a SuperLink, and nothing else; `superlink.sh` starts it.

    python gate.py FOLDER HOST PORT OWN SUPERLINK

One port of Flower's SuperLink answers to sites and to who starts runs, that is programs which the
sites execute. Hence the SuperLink (process SUPERLINK) listens on port OWN of this machine alone,
and sites reach HOST:PORT, where this passes on what SuperNodes ask and refuses the rest. What
passes is checked by the SuperLink. Ends with it, and ends it.
"""

import asyncio
import os
import re
import signal
import ssl
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

CALL = re.compile("[a-z-]+")  # no dots, no slashes: no way out of /v1/fleet/
SECONDS = 600  # for an answer
OF_A_CONNECTION = ("host", "connection", "transfer-encoding", "content-length", "accept-encoding")


def gate(superlink: httpx.AsyncClient, process: int) -> Starlette:
    """What listens for sites."""

    async def passed_on(request: Request) -> Response:
        call = request.path_params["call"]
        if not CALL.fullmatch(call):
            return Response(status_code=404)
        headers = [each for each in request.headers.items() if each[0] not in OF_A_CONNECTION]
        content = await request.body()
        try:
            answer = await superlink.post(f"/v1/fleet/{call}", content=content, headers=headers)
        except httpx.TransportError:  # it starts or ends: SuperNodes ask again
            return Response(status_code=502)
        kind = {"content-type": answer.headers.get("content-type", "")}
        return Response(answer.content, answer.status_code, kind)

    @asynccontextmanager
    async def living(_: Starlette) -> AsyncIterator[None]:
        threading.Thread(target=_end_with, args=(process,), daemon=True).start()
        yield
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM)

    return Starlette(
        routes=[Route("/v1/fleet/{call}", passed_on, methods=["POST"])], lifespan=living
    )


def _end_with(process: int) -> None:
    """End this one once the SuperLink, its child, has ended."""
    os.waitpid(process, 0)
    os.kill(os.getpid(), signal.SIGTERM)


async def main(folder: str, host: str, port: str, own: str, superlink: str) -> None:
    """Until it is ended."""
    room = Path(folder)
    known = ssl.create_default_context(cafile=str(room / "ca.pem"))
    client = httpx.AsyncClient(
        base_url=f"https://127.0.0.1:{own}",
        verify=known,
        timeout=SECONDS,
        trust_env=False,
        headers={"accept-encoding": "identity"},
    )
    async with client:
        config = uvicorn.Config(
            gate(client, int(superlink)),
            host=host,
            port=int(port),
            ssl_certfile=str(room / "server.pem"),
            ssl_keyfile=str(room / "server.key"),
            log_level="warning",
        )
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    if len(sys.argv) != 6:
        raise SystemExit(__doc__)
    asyncio.run(main(*sys.argv[1:]))

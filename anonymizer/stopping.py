"""The end of a command by a signal: at once, and nothing is left of it.

Handlers of Python wait until Polars returns, which may take minutes, and whoever sent the signal
kills the process before. So a thread of its own waits for signals, and what is half written is
removed while Polars still works.
"""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from anonymizer.staging import abandon

SIGNALS: Final = ("SIGTERM", "SIGHUP", "SIGINT")  # the second is unknown to Windows


@contextmanager
def stopping_cleanly(say: Callable[[], None]) -> Iterator[None]:
    """End the process with status 128 + signal when one of `SIGNALS` comes.

    What a shell ignores on purpose, as `nohup` does, stays ignored. Outside the main thread,
    where Python takes no signals, nothing is done.

    Args:
        say: tells whoever waits, before everything ends.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    watched = [
        number
        for name in SIGNALS
        if (number := getattr(signal, name, None)) is not None
        and signal.getsignal(number) is not signal.SIG_IGN
    ]
    come, sent = socket.socketpair()
    sent.setblocking(False)
    before = signal.set_wakeup_fd(sent.fileno(), warn_on_full_buffer=False)
    handlers = {number: signal.signal(number, _left_to_the_watcher) for number in watched}
    watcher = threading.Thread(target=_watch, args=(come, watched, say), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        sent.close()
        watcher.join()
        come.close()


def _left_to_the_watcher(_number: int, _frame: Any) -> None:
    """Python writes the number to the watcher before it calls this."""


def _watch(come: socket.socket, watched: list[int], say: Callable[[], None]) -> None:
    while number := come.recv(1):
        if number[0] in watched:
            with suppress(OSError):
                abandon()
            with suppress(Exception):  # a terminal that is gone
                say()  # the last line: what still works may say others until here
            os._exit(128 + number[0])

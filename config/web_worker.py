"""The web server's worker, which keeps threads for health checks."""

import selectors
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from socket import MSG_DONTWAIT, MSG_PEEK

from gunicorn.workers.gthread import TConn, ThreadWorker

from config.traffic import flush_regularly

HEALTH_THREADS = 2
HEALTH_CHECKS = (b"GET /health/", b"HEAD /health/")
LONGEST_CHECK = max(map(len, HEALTH_CHECKS))
FIRST_BYTE_SECONDS = 5


class HealthyWorker(ThreadWorker):
    """Answers health checks also while all other threads wait, for a frozen database for example.

    Which threads a request needs is seen by its first bytes, so those are awaited without a thread.
    """

    def init_process(self) -> None:
        """Start the threads for health checks, for what is counted, then all of gunicorn."""
        self.health_threads = ThreadPoolExecutor(HEALTH_THREADS)
        flush_regularly()
        super().init_process()

    def enqueue_req(self, conn: TConn) -> None:
        """Give a request to the threads for its kind, once its first bytes are there."""
        try:
            start = conn.sock.recv(LONGEST_CHECK, MSG_PEEK | MSG_DONTWAIT)
        except BlockingIOError:
            if not conn.initialized:
                self._await_first_byte(conn)
                return
            # A connection that has been used before: the parser has read the request already.
            start = b""
        except OSError:
            # A connection that the client has reset is closed by the thread that reads it.
            start = b""
        threads = self.health_threads if start.startswith(HEALTH_CHECKS) else self.tpool
        threads.submit(self.handle, conn).add_done_callback(
            lambda done: self.method_queue.defer(self.finish_request, conn, done)
        )

    def _await_first_byte(self, conn: TConn) -> None:
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + FIRST_BYTE_SECONDS
        self.pending_conns.append(conn)
        self.poller.register(
            conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn)
        )

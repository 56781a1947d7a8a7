"""A load from another process: keep-alive connections, bounded in count; prints how long it took."""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from urllib.parse import urlencode


def post_all(port: int, requests: list[tuple[str, dict[str, str], str]], clients: int = 8) -> dict[str, float]:
    """Send every request once over `clients` connections: seconds, and how many were taken (2xx or 3xx)."""
    waiting = iter(requests)
    lock, taken, times = threading.Lock(), [0], []

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            with lock:
                request = next(waiting, None)
            if request is None:
                connection.close()
                return
            path, fields, cookie = request
            headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
            begun = time.perf_counter()
            connection.request("POST", path, urlencode(fields), headers)
            answer = connection.getresponse()
            answer.read()
            times.append(time.perf_counter() - begun)
            with lock:
                taken[0] += answer.status < 400

    begun = time.perf_counter()
    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times.sort()
    return {"seconds": time.perf_counter() - begun, "taken": taken[0], "p95": times[int(len(times) * 0.95)]}


if __name__ == "__main__":
    json.dump(post_all(int(sys.argv[1]), json.load(sys.stdin)), sys.stdout)

"""Receives scores from mlscore, and believes no others. An example: copy it, change it.

Set SECRET to the webhook's, then: python receive_webhook.py 8080
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

SECONDS_APART_AT_MOST = 300

seen: set[str] = set()
"""A score may come more than once, always under the same id: keep these where they outlive a restart."""


def is_genuine(headers: dict[str, str], body: bytes, secret: str, now: float) -> bool:
    """Tell whether mlscore signed this, at most five minutes ago."""
    message_id, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not at.isdecimal():
        return False
    signed = f"{message_id}.{at}.".encode() + body
    digest = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256)
    right = b"v1," + base64.b64encode(digest)
    shown = headers.get("webhook-signature", "").split()  # two, while a secret is exchanged
    is_signed = any(hmac.compare_digest(one.encode(), right) for one in shown)
    return is_signed and abs(now - int(at)) <= SECONDS_APART_AT_MOST


class Receiver(BaseHTTPRequestHandler):
    """Answers at once, and leaves the work to others."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if not is_genuine(headers, body, os.environ["SECRET"], time.time()):
            self.send_error(401)
            return
        if headers["webhook-id"] not in seen:
            seen.add(headers["webhook-id"])
            score = json.loads(body)["data"]
            print(score["deal_id"], score["decision"]["action"], flush=True)
        self.send_response(204)
        self.end_headers()


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()

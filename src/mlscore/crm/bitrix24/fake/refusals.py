"""What a portal refuses with: a status, a code and a text, as its documents list them."""

from __future__ import annotations


class PortalRefusedError(Exception):
    """The portal says no; what is raised here leaves the server as its answer."""

    def __init__(self, code: str, text: str, *, http: int = 400) -> None:
        """Take the portal's code, which old methods leave empty, and its text."""
        super().__init__(text)
        self.code, self.text, self.http = code, text, http

    @property
    def body(self) -> dict[str, str]:
        """The answer's body."""
        return {"error": self.code, "error_description": self.text}


SYSTEM: dict[str, tuple[int, str]] = {
    "QUERY_LIMIT_EXCEEDED": (503, "Too many requests"),
    "OPERATION_TIME_LIMIT": (429, "Method is blocked due to operation time limit."),
    "OVERLOAD_LIMIT": (503, "REST API is blocked due to overload"),
    "NO_AUTH_FOUND": (401, "Wrong authorization data"),
    "expired_token": (401, "The access token provided has expired"),
    "insufficient_scope": (403, "The request requires higher privileges than provided by the webhook token"),
    "INVALID_CREDENTIALS": (403, "Invalid request credentials"),
    "ACCESS_DENIED": (403, "REST API is available only on commercial plans"),
    "user_access_error": (403, "The user does not have access to the application"),
    "INTERNAL_SERVER_ERROR": (500, "Internal server error"),
    "ERROR_UNEXPECTED_ANSWER": (500, "Server returned an unexpected response"),
    "PORTAL_DELETED": (500, "Portal was deleted"),
    "INVALID_REQUEST": (400, "Https required"),
    "ERROR_BATCH_LENGTH_EXCEEDED": (400, "Max batch length exceeded"),
    "ERROR_BATCH_METHOD_NOT_ALLOWED": (405, "Method is not allowed for batch usage"),
    "ERROR_METHOD_NOT_FOUND": (404, "Method not found!"),
}
"""What any method may be refused with."""


def system(code: str) -> PortalRefusedError:
    """Return a refusal that any method may meet."""
    http, text = SYSTEM[code]
    return PortalRefusedError(code, text, http=http)


def not_found(what: str = "Элемент не найден") -> PortalRefusedError:
    """Return the refusal for what is not there."""
    return PortalRefusedError("NOT_FOUND", what)


def old(text: str) -> PortalRefusedError:
    """Return a refusal of an old method, which has no code."""
    return PortalRefusedError("", text)


def bad_argument(text: str) -> PortalRefusedError:
    """Return the refusal of an argument."""
    return PortalRefusedError("INVALID_ARG_VALUE", text)

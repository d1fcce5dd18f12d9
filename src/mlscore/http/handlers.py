"""Turns what goes wrong inside a route into problems."""

from __future__ import annotations

from typing import cast

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from mlscore.http.problems import ProblemError, problem_of, problem_of_status
from mlscore.http.requests import language_of
from mlscore.http.validation import validation_problem
from mlscore.scoring.errors import MlscoreError


def answer_with_problems(app: FastAPI) -> None:
    """Give an application our own answers to errors, in place of those that repeat what was sent."""
    app.add_exception_handler(MlscoreError, _of_ours)
    app.add_exception_handler(ProblemError, _of_problem)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_status)


async def _of_ours(request: Request, error: Exception) -> Response:
    return problem_of(cast("MlscoreError", error)).response(language_of(request.scope))


async def _of_problem(request: Request, error: Exception) -> Response:
    return cast("ProblemError", error).problem.response(language_of(request.scope))


async def _of_validation(request: Request, error: Exception) -> Response:
    found = cast("RequestValidationError", error).errors()
    return validation_problem(found).response(language_of(request.scope))


async def _of_status(request: Request, error: Exception) -> Response:
    refused = cast("HTTPException", error)
    return problem_of_status(refused.status_code, refused.headers).response(language_of(request.scope))

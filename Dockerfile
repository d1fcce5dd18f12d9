# The service, from requirements-serve.lock; `--target trainer` is what retrains, follows and runs MLflow.
# Marked as not exercised: no container engine was at hand; the steps of `build` were run without one. Files, names and ports
# are checked by tests/test_containers.py.

ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements-serve.lock pyproject.toml README.md LICENSE ./
RUN python -m venv /opt/mlscore && /opt/mlscore/bin/pip install --require-hashes -r requirements-serve.lock
COPY src ./src
COPY training ./training
RUN /opt/mlscore/bin/pip install --no-deps --no-build-isolation .

FROM build AS build-trainer
COPY requirements.lock ./
RUN /opt/mlscore/bin/pip install --require-hashes -r requirements.lock

FROM python:${PYTHON} AS bare
# libgomp1: LightGBM's threads. postgresql-client: pg_dump for `mlscore backup`.
RUN apt-get update && apt-get install --yes --no-install-recommends libgomp1 postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/mlscore --create-home mlscore \
    && mkdir /var/lib/mlscore/models /var/lib/mlflow && chown mlscore: /var/lib/mlscore/models /var/lib/mlflow
ENV PATH=/opt/mlscore/bin:$PATH PYTHONUTF8=1 PYTHONDONTWRITEBYTECODE=1 \
    OMP_WAIT_POLICY=passive OPENBLAS_NUM_THREADS=1 MLFLOW_DISABLE_TELEMETRY=true \
    MLSCORE_HOST=0.0.0.0 MLSCORE_PORT=8000 MLSCORE_MODELS=/var/lib/mlscore/models MLSCORE_SPOOL=/var/lib/mlscore/spool
WORKDIR /var/lib/mlscore
VOLUME /var/lib/mlscore
USER mlscore

FROM bare AS trainer
COPY --from=build-trainer /opt/mlscore /opt/mlscore
CMD ["python", "-m", "training", "retrain"]

FROM bare AS service
COPY --from=build /opt/mlscore /opt/mlscore
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health/ready', timeout=2)"]
CMD ["mlscore", "serve"]

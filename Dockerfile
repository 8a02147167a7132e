# The example service as a container: see docs/how-to/deploy.md. No setting and no secret is in the image.

FROM python:3.13.1-slim-bookworm AS build

RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev libpq-dev \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /build
COPY LICENSE README.rst pyproject.toml setup.py ./
COPY cliquet_like ./cliquet_like
COPY cliquet_like_fxa ./cliquet_like_fxa
RUN python -m pip wheel --no-cache-dir --wheel-dir /wheels \
        ".[fxa,monitoring,postgresql,redis]" gunicorn==27.0.1 \
    && python -m venv /opt/service \
    && /opt/service/bin/python -m pip install --no-cache-dir --no-index /wheels/*.whl


FROM python:3.13.1-slim-bookworm

RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpq5 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home service

COPY --from=build /opt/service /opt/service
WORKDIR /srv
COPY example ./example
COPY docker/service.ini docker/logging.ini docker/start ./

ENV PATH=/opt/service/bin:$PATH \
    PYTHONPATH=/srv \
    PYTHONUNBUFFERED=1 \
    PYTHONWARNINGS="ignore:pkg_resources is deprecated as an API:UserWarning" \
    GUNICORN_CMD_ARGS="--bind=0.0.0.0:8000 --workers=2 --threads=8 --worker-tmp-dir=/dev/shm --no-control-socket"

USER 10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/v1/__lbheartbeat__', timeout=4)"]
ENTRYPOINT ["./start"]

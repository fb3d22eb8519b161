# Rapport in a container: the pinned lock, our rooms beside it, nobody special to run it, the workspace as a volume.
#   docker build -t rapport .
#   docker run --rm -v acme:/workspace rapport init
#   docker run -d -p 127.0.0.1:3000:3000 -v acme:/workspace --stop-timeout 60 rapport
FROM python:3.11-slim-bookworm

# LightGBM's OpenMP runtime, and a font for the pictures of training.
RUN apt-get update \
 && apt-get install -y --no-install-recommends libgomp1 fonts-wqy-microhei \
 && rm -rf /var/lib/apt/lists/*

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONUNBUFFERED=1 \
    MLFLOW_DISABLE_TELEMETRY=true BENTOML_DO_NOT_TRACK=True DO_NOT_TRACK=true

WORKDIR /opt/rapport
COPY pyproject.toml requirements.lock ./
RUN python -m pip install --require-hashes -r requirements.lock
COPY workspace workspace
COPY charts charts
COPY interactions interactions
COPY features features
COPY training training
COPY serving serving
COPY cli cli
RUN python -m pip install --no-deps --no-build-isolation -e . \
 && python -m compileall -q workspace charts interactions features training serving cli \
 && useradd --uid 10001 --create-home --shell /usr/sbin/nologin rapport \
 && install -d -o 10001 -g 10001 -m 0700 /workspace

USER 10001:10001
ENV RAPPORT_WORKSPACE=/workspace HOME=/home/rapport
WORKDIR /workspace
VOLUME ["/workspace"]
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:3000/livez', timeout=4)"]
ENTRYPOINT ["rapport"]
CMD ["serve", "--host", "0.0.0.0"]

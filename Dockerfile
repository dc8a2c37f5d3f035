# The production image of every process (web, workers, beat, migrate); docker-compose.yml says which runs what.
# It is set up by the same script as a machine of one's own, so there is one list of packages and one way to install them.
FROM python:3.11-slim-bookworm AS build
WORKDIR /srv/revlog
ENV REVLOG_VAR=/srv/revlog/var
COPY requirements.txt requirements-node.txt package.json package-lock.json assets.toml ./
COPY tools ./tools
RUN python tools/setup.py run
COPY . .
# Again, now with the translations to compile; then every file of the pages under a name with its digest.
RUN python tools/setup.py run \
 && .venv/bin/python manage.py collectstatic --no-input --verbosity=0 \
 && .venv/bin/python -m compileall -q manage.py revlog returns triage refurb itad resale recycling reporting \
 && rm -rf .venv/node var/npm var/assets var/*.lock

FROM python:3.11-slim-bookworm
# util-linux is there already; these are what WeasyPrint draws text with, and the fonts of the documents.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
      libglib2.0-0 libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0 libfontconfig1 \
      fonts-dejavu-core fonts-liberation \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /srv/revlog --shell /usr/sbin/nologin revlog
WORKDIR /srv/revlog
COPY --from=build /srv/revlog /srv/revlog
# What the processes write; a volume made over these takes their owner.
RUN for folder in media keys checkpoints run; do install -d -o revlog -g revlog -m 0750 "var/$folder"; done
ENV PATH=/srv/revlog/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=revlog.settings.prod \
    REVLOG_VAR=/srv/revlog/var \
    HOST=0.0.0.0 \
    PORT=8000
USER revlog
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "tools/healthy.py"]
CMD ["gunicorn", "--config", "gunicorn.conf.py", "revlog.wsgi"]

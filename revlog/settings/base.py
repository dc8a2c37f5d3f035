"""What every way of running Revlog shares. Everything that differs between installs comes from the environment."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from revlog.settings import env

ROOT = Path(__file__).resolve().parents[2]
VAR = Path(env.text("REVLOG_VAR", "var")).resolve()

DEBUG = False
SECRET_KEY = env.text("REVLOG_SECRET_KEY")
ALLOWED_HOSTS = env.listed("REVLOG_ALLOWED_HOSTS", "*")
BASE_URL = env.text("REVLOG_BASE_URL", "").rstrip("/")
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL else []
DEMO = env.flag("REVLOG_DEMO", default=False)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django_htmx",
    "django_filters",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "revlog.common",
    "revlog.accounts",
    "revlog.scanning",
    "revlog.custody",
    "revlog.evidence",
    "revlog.labels",
    "revlog.devices",
    "revlog.storage",
    "revlog.logistics",
    "revlog.terms",
    "returns",
    "triage",
    "refurb",
    "itad",
    "resale",
    "recycling",
    "reporting",
    "revlog.floor",
    "revlog.pages",
    "revlog.api",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "revlog.common.readable.Readable",
    "revlog.scanning.tablets.Remembered",
    "revlog.accounts.gate.Gate",
    "revlog.scanning.kept.OnceOnly",
]

ROOT_URLCONF = "revlog.urls"
WSGI_APPLICATION = "revlog.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "revlog.pages.context.house",
            ],
        },
    },
]

DATABASES: dict[str, dict[str, object]] = {
    "default": env.database(env.text("DATABASE_URL"))
    | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL")
CELERY_BROKER_URL = env.celery_broker(REDIS_URL)
CACHES = {
    "default": {
        # Sign-in counts its tries here; with the broker dead it must go on, and fast.
        "BACKEND": "revlog.accounts.cache.Steady",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "revlog",
        "OPTIONS": {"socket_connect_timeout": 0.3, "socket_timeout": 0.5},
    },
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# An address is proven by the invitation that reached it.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if BASE_URL.startswith("https://") else "http"
ACCOUNT_ADAPTER = "revlog.accounts.adapter.Adapter"
# How many proxies of ours stand before the web process: the rate limits of sign-in count addresses behind them.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("REVLOG_TRUSTED_PROXIES", 0)
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Revlog"
# Browsers offer passkeys in secure contexts alone: https, and http on localhost, which is what this lets through.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not BASE_URL.startswith("https://")
# A shared station signs its person out when nobody has touched it for so long.
TRANSFER_GRACE_HOURS = env.number("REVLOG_TRANSFER_GRACE_HOURS", 4)
STATION_IDLE_SECONDS = env.number("REVLOG_STATION_IDLE_SECONDS", 900)

# What was done on a tablet without the net and comes later than so many hours isn't done by itself any more.
ACT_HOURS = env.number("REVLOG_ACT_HOURS", 72)

# A client's list whose columns nobody came to look at is dropped after so many days; 0: never.
DRAFT_DAYS = env.number("REVLOG_DRAFT_DAYS", 30)

# `make run TLS=1`: what a tablet must trust, and the plain address where it gets it.
TLS_AUTHORITY = env.text("REVLOG_TLS_AUTHORITY", "")
TRUST_URL = env.text("REVLOG_TRUST_URL", "")

LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = ["revlog.common.formats"]
LANGUAGES = [("en", _("English")), ("de", _("German")), ("fr", _("French")), ("es", _("Spanish"))]
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [ROOT / "static", *([VAR / "assets"] if (VAR / "assets").is_dir() else [])]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(VAR / "media")}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True  # pages name no others, and compressing each twice takes twice as long

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", "'wasm-unsafe-eval'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "media-src": ["'self'", "blob:"],
        "worker-src": ["'self'", "blob:"],
        "manifest-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}
# Uploads: a form field can hold little, a report or photo at most what evidence allows (revlog/evidence/limits.py).
DATA_UPLOAD_MAX_MEMORY_SIZE = 26 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

REST_FRAMEWORK = {
    # Keys, sessions and their CSRF tokens are the gate's (revlog/accounts/gate.py); DRF is told what it found.
    "DEFAULT_AUTHENTICATION_CLASSES": ["revlog.api.authentication.ByGate"],
    "DEFAULT_PERMISSION_CLASSES": ["revlog.api.permissions.Scoped"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["revlog.api.parsers.StrictJson"],
    "DEFAULT_PAGINATION_CLASS": "revlog.api.pagination.ByPosition",
    "DEFAULT_FILTER_BACKENDS": ["revlog.common.shapes.Filters"],
    "DEFAULT_THROTTLE_CLASSES": ["revlog.api.throttling.PerKey"],
    "DEFAULT_SCHEMA_CLASS": "revlog.api.schema.Schema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "revlog.api.problems.handle",
    "DEFAULT_VERSIONING_CLASS": None,
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
API_REQUESTS_PER_MINUTE = env.number("REVLOG_API_REQUESTS_PER_MINUTE", 6000)
SPECTACULAR_SETTINGS = {
    "TITLE": "Revlog API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": "Reverse logistics from RMA to disposition. Times are ISO 8601 UTC, money is a string with its currency.",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "RmaStatusEnum": "returns.models.RmaStatus",
        "ReportKindEnum": "triage.reports.registry.KEPT_KINDS",
        "ReportStatusEnum": "triage.models.ReportStatus",
        "PlanStatusEnum": "triage.models.PlanStatus",
        "ManifestStatusEnum": "itad.models.ManifestStatus",
        "RecallStatusEnum": "returns.models.RecallStatus",
        "ReviewStatusEnum": "returns.models.ReviewStatus",
        "SessionStatusEnum": "returns.models.SessionStatus",
        "OfferKindEnum": "returns.models.OfferKind",
        "RecallKindEnum": "returns.models.RecallKind",
        "ListedKindEnum": "returns.models.ListedKind",
        "RmaKindEnum": "returns.models.Kind",
        "WayEnum": "returns.policy.ways.METHODS",
        "LocationKindEnum": "revlog.devices.models.LocationKind",
        "ContainerKindEnum": "revlog.storage.models.ContainerKind",
        "ContainerStateEnum": "revlog.storage.models.ContainerState",
        "PickListStateEnum": "revlog.storage.models.PickListState",
        "PickStateEnum": "revlog.storage.models.PickState",
        "CountStateEnum": "revlog.storage.models.CountState",
        "CountWhyEnum": "revlog.storage.models.CountWhy",
        "HazardStateEnum": "revlog.storage.models.HazardState",
        "DifferenceKindEnum": "revlog.storage.models.DifferenceKind",
        "LotStateEnum": "resale.models.LotState",
        "ReprintReasonEnum": "revlog.labels.models.Reprint",
        "ReturnReasonEnum": "returns.reasons.NAMES",
        "VisitWhyEnum": "revlog.devices.shapes.WHY",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "revlog.api.schema.finish",
    ],
}

# A message is only a wake-up: a dead broker must not slow a request, and the sweep is the guarantee.
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_DEFAULT_QUEUE = "fast"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 1, "socket_connect_timeout": 0.3, "visibility_timeout": 600}
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

SEQUENCER_SECONDS = env.number("REVLOG_SEQUENCER_SECONDS", 1)
SWEEP_SECONDS = env.number("REVLOG_SWEEP_SECONDS", 5)
CHECKPOINT_SECONDS = env.number("REVLOG_CHECKPOINT_SECONDS", 60)
LEASE_SECONDS = {
    "fast": env.number("REVLOG_LEASE_FAST_SECONDS", 30),
    "documents": env.number("REVLOG_LEASE_DOCUMENTS_SECONDS", 90),
    "outside": env.number("REVLOG_LEASE_OUTSIDE_SECONDS", 90),
    "jobs": env.number("REVLOG_LEASE_JOBS_SECONDS", 90),
}

_MAIL = env.mail_server("REVLOG_SMTP_URL")
EMAIL_BACKEND = env.text(
    "REVLOG_EMAIL_BACKEND", f"django.core.mail.backends.{'smtp' if _MAIL.host else 'locmem'}.EmailBackend"
)
EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.host, _MAIL.port, _MAIL.user, _MAIL.password
EMAIL_USE_SSL, EMAIL_USE_TLS = _MAIL.tls, _MAIL.starttls
# A mail server that doesn't answer must not hold a worker: the reaction tries again.
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("REVLOG_FROM_EMAIL", "returns@revlog.invalid")

ISSUER = {
    "name": env.text("REVLOG_ISSUER_NAME", "Revlog demo operator"),
    "address": env.listed("REVLOG_ISSUER_ADDRESS", "Havenstraat 1,3011 AB Rotterdam,Netherlands"),
}
BASE_CURRENCY = env.text("REVLOG_CURRENCY", "EUR")
# Where customers pay what they are asked for when no payment provider asks them: the account as they read it.
PAYMENT_ACCOUNT = env.text("REVLOG_PAYMENT_ACCOUNT", "")
# From which account sellers are paid by a file of SEPA transfers; without one they are paid by hand.
SEPA_IBAN = env.text("REVLOG_SEPA_IBAN", "")
SEPA_BIC = env.text("REVLOG_SEPA_BIC", "")
PAYMENT_PROVIDER = env.text("REVLOG_PAYMENT_PROVIDER", "manual")
STRIPE_KEY = env.text("REVLOG_STRIPE_KEY", "")
STRIPE_WEBHOOK_SECRET = env.text("REVLOG_STRIPE_WEBHOOK_SECRET", "")
EASYPOST_KEY = env.text("REVLOG_EASYPOST_KEY", "")
EASYPOST_WEBHOOK_SECRET = env.text("REVLOG_EASYPOST_WEBHOOK_SECRET", "")
EASYPOST_URL = env.text("REVLOG_EASYPOST_URL", "https://api.easypost.com").rstrip("/")
# Of a parcel of which nothing was heard for so long, its carrier is asked; 0: never, webhooks alone.
TRACKING_HOURS = env.number("REVLOG_TRACKING_HOURS", 12)
STRIPE_URL = env.text("REVLOG_STRIPE_URL", "https://api.stripe.com").rstrip("/")
# A service that knows of numbers whether they are reported, locked or managed; without one, people look them up.
CHECKS_URL = env.text("REVLOG_CHECKS_URL", "").rstrip("/")
CHECKS_KEY = env.text("REVLOG_CHECKS_KEY", "")
CHECKS_SECONDS = env.number("REVLOG_CHECKS_SECONDS", 8)

# Where label printers stand that are spoken to over the network: private networks and ports alone; without any, none is.
PRINTERS_NETWORKS = env.listed("REVLOG_PRINTERS_NETWORKS")
PRINTERS_PORTS = [int(one) for one in env.listed("REVLOG_PRINTERS_PORTS", "9100,9101,9102,6101")]
PRINTERS_SECONDS = env.number("REVLOG_PRINTERS_SECONDS", 5)
# The GS1 company prefix, from which pallets and cages get an SSCC of ours; empty: they have none by themselves.
GS1_PREFIX = env.text("REVLOG_GS1_PREFIX", "")
# Who is called about a battery that travels, as printed on its mark; empty: no number is printed.
HAZARD_PHONE = env.text("REVLOG_HAZARD_PHONE", "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("REVLOG_LOG_LEVEL", "INFO")},
}

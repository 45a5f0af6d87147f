"""Django settings of the workspace; what differs between installations is in environment.py."""

from __future__ import annotations

import os

from csp.constants import NONE, SELF

from offtake_web.config.database import database
from offtake_web.config.environment import read
from offtake_web.config.oidc import providers

ENVIRONMENT = read(os.environ)

DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts)
OFFTAKE_MARKETS = ENVIRONMENT.markets
OFFTAKE_UPLOADS = ENVIRONMENT.uploads
OFFTAKE_DEVELOPMENT = not ENVIRONMENT.production
OFFTAKE_TIMING = ENVIRONMENT.timing
OFFTAKE_WARM = ENVIRONMENT.warm
OFFTAKE_UPLOAD_BYTES = ENVIRONMENT.upload_bytes

ROOT_URLCONF = "offtake_web.config.urls"
WSGI_APPLICATION = "offtake_web.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    # Before accounts, which takes back what this connects to a sign-in.
    "django.contrib.auth",
    "offtake_web.common",
    "offtake_web.accounts",
    "offtake_web.jobs",
    "offtake_web.feeds",
    "offtake_web.runs",
    "offtake_web.plans",
    "offtake_web.dashboards",
    "offtake_web.api",
    # Its templates of form fields, so that ours may stand before them.
    "django.forms",
    "django.contrib.admin",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "simple_history",
]

MIDDLEWARE = [
    "offtake_web.common.timing.ServerTiming",
    "offtake_web.common.in_hand.InHand",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # A view is closed unless it says login_not_required.
    "offtake_web.accounts.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "offtake_web.accounts.middleware.SecondFactorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "offtake_web.common.error_pages.ErrorPages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "offtake_web.common.context.workspace",
                "offtake_web.accounts.navigation.navigation",
            ],
        },
    },
]

FORM_RENDERER = "offtake_web.common.rendering.Forms"

DATABASES = {"default": database(ENVIRONMENT.database_url)}

SESSION_ENGINE = "offtake_web.accounts.sessions"
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "front"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "offtake_web.accounts.adapters.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {
    "login": "offtake_web.accounts.forms.SignInForm",
    "change_password": "offtake_web.accounts.forms.ChangePasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_SIGNUP_ENABLED = False
# The person in front of the proxy, not the proxy, is who is counted.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if ENVIRONMENT.behind_proxy else 0
# Administrators write the addresses; nobody signs up with somebody else's.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_ADAPTER = "offtake_web.accounts.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "activate_totp": "offtake_web.accounts.forms.FirstCodeForm",
    "authenticate": "offtake_web.accounts.forms.SignInCodeForm",
    "reauthenticate": "offtake_web.accounts.forms.AgainCodeForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Offtake"
MFA_TOTP_TOLERANCE = 1
SOCIALACCOUNT_ADAPTER = "offtake_web.accounts.adapters.CompanyAdapter"
# A link, because the strict policy forbids a form that ends at another host.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_PROVIDERS = providers(ENVIRONMENT.issuer)
OFFTAKE_OIDC_ROLE = ENVIRONMENT.issuer.role if ENVIRONMENT.issuer else ""
OFFTAKE_SCOPE_NAMES = "offtake_web.config.scopes.scope_names"
OFFTAKE_RUN_SEEN_BY = "offtake_web.config.scopes.run_seen_by"

# Wrong passwords are counted here, for all processes together. A migration makes the table.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("sr-latn", "Serbian")]
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = ENVIRONMENT.time_zone
FORMAT_MODULE_PATH = ["offtake_web.common.formats"]

STATIC_URL = "static/"
# In development files are served from where they are written.
STATIC_ROOT = ENVIRONMENT.static_root if ENVIRONMENT.production else None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if ENVIRONMENT.production
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "offtake_web.common.assets.VendorFinder",
]
WHITENOISE_USE_FINDERS = not ENVIRONMENT.production

FILE_UPLOAD_HANDLERS = ["offtake_web.common.bounds.BoundedUpload"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = ENVIRONMENT.production
SECURE_SSL_REDIRECT = ENVIRONMENT.production
# A monitor inside the network asks over plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 30 * 24 * 3600 if ENVIRONMENT.production else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.behind_proxy else None
# The company's other sub-domains, and browsers' preload lists, are not ours to decide on.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # Without this Django would send errors by mail and to nobody else.
    "loggers": {"django": {"handlers": ["stderr"], "level": "INFO", "propagate": False}},
}

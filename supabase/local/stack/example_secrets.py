"""Secrets of the local stack, the same for whoever sends: the demo, the tests, and you with curl.

Nothing real: they sign what this machine sends to itself. An environment that has its own keeps it.
"""

import json

BODY_HMAC_KEY = "not-a-real-key-for-bodies-of-this-machine"
PAGE_SIGNING_KEY = "bm90LWEtcmVhbC1rZXktdG8tc2lnbi1wYWdlcy0wMDA="
GOOGLE_ADS_KEYS = ("example-google-key-not-real", "another-google-key-not-real")
STANDARD_WEBHOOKS_SECRETS = (
    "whsec_bm90LWEtcmVhbC1zZWNyZXQtZm9yLXRlc3RzLTAwMDE=",
    "whsec_bm90LWEtcmVhbC1zZWNyZXQtZm9yLXRlc3RzLTAwMDA=",
)
META_APP_SECRETS = ("example-meta-app-secret-not-real", "another-meta-app-secret-not-real")
META_VERIFY_TOKENS = ("example-verify-token-not-real",)
LINKEDIN_CLIENT_SECRETS = (
    "example-linkedin-client-secret-not-real",
    "another-linkedin-client-secret-not-real",
)
JOBS_SECRET = "example-secret-of-the-scheduler-not-real"  # noqa: S105 - as the others, not real.
SYNC_KEYS = ("bm90LWEtcmVhbC1rZXktdG8tc2VhbC10b2tlbnMtMDA=",)
TIKTOK_APP_SECRETS = ("example-tiktok-app-secret-not-real", "another-tiktok-app-secret-not-real")
# A form with a key of its own.
GOOGLE_ADS_FORM_KEYS = {"52083960007": ("example-google-key-of-one-form",)}

TO_SIGN_WITH = {
    "JOBS_SECRET": JOBS_SECRET,
    "GOOGLE_ADS_KEY": GOOGLE_ADS_KEYS[0],
    "META_APP_SECRET": META_APP_SECRETS[0],
    "META_VERIFY_TOKEN": META_VERIFY_TOKENS[0],
    "LINKEDIN_CLIENT_SECRET": LINKEDIN_CLIENT_SECRETS[0],
    "TIKTOK_APP_SECRET": TIKTOK_APP_SECRETS[0],
    "STANDARD_WEBHOOKS_SECRET": STANDARD_WEBHOOKS_SECRETS[0],
}
"""One of each, for whoever tries things by hand: docs/webhooks.md."""

WEBHOOK_SETTINGS = {
    "BODY_HMAC_KEY": BODY_HMAC_KEY,
    "GOOGLE_ADS_WEBHOOK_KEYS": json.dumps(GOOGLE_ADS_KEYS),
    "GOOGLE_ADS_FORM_KEYS": json.dumps(GOOGLE_ADS_FORM_KEYS),
    "META_APP_SECRETS": json.dumps(META_APP_SECRETS),
    "META_VERIFY_TOKENS": json.dumps(META_VERIFY_TOKENS),
    "LINKEDIN_CLIENT_SECRETS": json.dumps(LINKEDIN_CLIENT_SECRETS),
    "TIKTOK_APP_SECRETS": json.dumps(TIKTOK_APP_SECRETS),
    "STANDARD_WEBHOOKS_SECRETS": json.dumps(STANDARD_WEBHOOKS_SECRETS),
}
"""What campaign_webhook is told, as its environment has it."""

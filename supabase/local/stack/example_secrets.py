"""Secrets of the local stack, the same for whoever sends: the demo, the tests, and you with curl.

Nothing real: they sign what this machine sends to itself. An environment that has its own keeps it.
"""

BODY_HMAC_KEY = "not-a-real-key-for-bodies-of-this-machine"
PAGE_SIGNING_KEY = "bm90LWEtcmVhbC1rZXktdG8tc2lnbi1wYWdlcy0wMDA="
GOOGLE_ADS_KEYS = ("example-google-key-not-real", "another-google-key-not-real")
STANDARD_WEBHOOKS_SECRETS = (
    "whsec_bm90LWEtcmVhbC1zZWNyZXQtZm9yLXRlc3RzLTAwMDE=",
    "whsec_bm90LWEtcmVhbC1zZWNyZXQtZm9yLXRlc3RzLTAwMDA=",
)
